package dev.orrery.kernels.conv;

import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.tensor.Tensor;

/** A {@link DirectConvSimd} over the frames of the history and of x. */
public final class CausalConv3dSimd implements CausalConv3d {
  private final CpuThreads threads;

  public CausalConv3dSimd(CpuThreads threads) {
    this.threads = threads;
  }

  @Override
  public void launch(
      Tensor history, Tensor x, Tensor weight, Tensor bias, int timeStride, Tensor out) {
    ConvGeometry geometry =
        new ConvGeometry(
            weight.size(0),
            weight.size(1),
            weight.size(2),
            timeStride,
            1,
            (weight.size(1) - 1) / 2,
            (weight.size(2) - 1) / 2);
    new DirectConvSimd(geometry, history, x, weight, bias, out).run(threads);
  }
}
