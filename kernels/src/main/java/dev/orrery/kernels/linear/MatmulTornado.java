package dev.orrery.kernels.linear;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.kernels.tornado.TornadoDevice;

/** Tiles of 16x16 in local memory. */
public final class MatmulTornado extends ProductTornado implements Matmul {
  public MatmulTornado(TornadoDevice device) {
    super(device);
  }

  @Override
  public void launch(Tensor x, Tensor weight, Tensor bias, Activation activation, Tensor out) {
    launchProduct(x, weight, bias, activation, null, 0, out);
  }
}
