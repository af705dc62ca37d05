package dev.orrery.kernels.conv;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.kernels.tornado.TornadoDevice;

/** A {@link ConvTornado} over the frames of the history and of x. */
public final class CausalConv3dTornado extends ConvTornado implements CausalConv3d {
  public CausalConv3dTornado(TornadoDevice device) {
    super(device);
  }

  @Override
  public void launch(
      Tensor history, Tensor x, Tensor weight, Tensor bias, int timeStride, Edge edge, Tensor out) {
    launchConv(ConvGeometry.causal3d(weight, timeStride, edge), history, x, weight, bias, out);
  }
}
