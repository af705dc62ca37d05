package dev.orrery.kernels.conv;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.tensor.Tensor;

/** Launches {@code Conv2d.cu}, a {@link ConvLauncher} with a kernel of one frame. */
public final class Conv2dCuda extends ConvLauncher implements Conv2d {
  public Conv2dCuda(CudaDevice device) {
    super(device, "Conv2d", "conv2d");
  }

  @Override
  public void launch(
      Tensor x, Tensor weight, Tensor bias, int stride, Padding padding, Tensor out) {
    ConvGeometry geometry = ConvGeometry.conv2d(weight, stride, padding);
    launch(geometry, null, x, weight, bias, out);
  }
}
