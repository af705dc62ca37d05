package dev.orrery.kernels.conv;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.tensor.Tensor;

/**
 * A {@link WinogradConvSimd} or {@link FewChannelsConvSimd} where that is faster, else a {@link
 * DirectConvSimd}, with a kernel of one frame.
 */
public final class Conv2dSimd extends CpuKernel implements Conv2d {
  public Conv2dSimd(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(
      Tensor x, Tensor weight, Tensor bias, int stride, Padding padding, Tensor out) {
    ConvGeometry geometry = ConvGeometry.conv2d(weight, stride, padding);
    if (WinogradConvSimd.suits(geometry, weight.shape(), out.shape())) {
      new WinogradConvSimd(geometry, null, x, weight, bias, out, threads.count()).run(threads);
    } else if (FewChannelsConvSimd.suits(geometry, weight.shape())) {
      new FewChannelsConvSimd(geometry, null, x, weight, bias, out).run(threads);
    } else {
      new DirectConvSimd(geometry, null, x, weight, bias, out).run(threads);
    }
  }
}
