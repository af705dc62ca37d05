package dev.orrery.kernels.conv;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.kernels.tornado.TornadoDevice;

/** A {@link ConvTornado} with a kernel of one frame. */
public final class Conv2dTornado extends ConvTornado implements Conv2d {
  public Conv2dTornado(TornadoDevice device) {
    super(device);
  }

  @Override
  public void launch(
      Tensor x, Tensor weight, Tensor bias, int stride, Padding padding, Tensor out) {
    launchConv(ConvGeometry.conv2d(weight, stride, padding), null, x, weight, bias, out);
  }
}
