package dev.orrery.kernels.linear;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.kernels.tornado.TornadoDevice;

/** {@link MatmulTornado} with another end. */
public final class MatmulResidualTornado extends ProductTornado implements MatmulResidual {
  public MatmulResidualTornado(TornadoDevice device) {
    super(device);
  }

  @Override
  public void launch(Tensor x, Tensor weight, Tensor bias, Tensor gate, Tensor residual) {
    launchProduct(
        x, weight, bias, Activation.NONE, gate, MatmulResidual.rowsPerFrame(x, gate), residual);
  }
}
