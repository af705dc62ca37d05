package dev.orrery.kernels.conv;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.tensor.Tensor;

/**
 * A {@link WinogradConvSimd} or {@link FewChannelsConvSimd} where that is faster, else a {@link
 * DirectConvSimd}, over the frames of the history and of x.
 */
public final class CausalConv3dSimd extends CpuKernel implements CausalConv3d {
  public CausalConv3dSimd(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(
      Tensor history, Tensor x, Tensor weight, Tensor bias, int timeStride, Edge edge, Tensor out) {
    ConvGeometry geometry = ConvGeometry.causal3d(weight, timeStride, edge);
    if (WinogradConvSimd.suits(geometry, weight.shape(), out.shape())) {
      new WinogradConvSimd(geometry, history, x, weight, bias, out, threads.count()).run(threads);
    } else if (FewChannelsConvSimd.suits(geometry, weight.shape())) {
      new FewChannelsConvSimd(geometry, history, x, weight, bias, out).run(threads);
    } else {
      new DirectConvSimd(geometry, history, x, weight, bias, out).run(threads);
    }
  }
}
