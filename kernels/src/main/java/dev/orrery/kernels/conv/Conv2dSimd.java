package dev.orrery.kernels.conv;

import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.tensor.Tensor;

/** A {@link DirectConvSimd} with a kernel of one frame. */
public final class Conv2dSimd implements Conv2d {
  private final CpuThreads threads;

  public Conv2dSimd(CpuThreads threads) {
    this.threads = threads;
  }

  @Override
  public void launch(
      Tensor x, Tensor weight, Tensor bias, int stride, Padding padding, Tensor out) {
    ConvGeometry geometry =
        new ConvGeometry(
            1, weight.size(0), weight.size(1), 1, stride, padding.top(), padding.left());
    new DirectConvSimd(geometry, null, x, weight, bias, out).run(threads);
  }
}
