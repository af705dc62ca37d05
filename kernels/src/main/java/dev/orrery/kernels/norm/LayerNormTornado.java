package dev.orrery.kernels.norm;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.kernels.tornado.TornadoDevice;

/** A group of threads for each row; all rows share the parameters. */
public final class LayerNormTornado extends LayerNormRowTornado implements LayerNorm {
  public LayerNormTornado(TornadoDevice device) {
    super(device);
  }

  @Override
  public void launch(Tensor x, Tensor weight, Tensor bias, double eps, Tensor out) {
    requireVector("weight", weight);
    requireVector("bias", bias);
    launchRows(x, weight, bias, Math.max(1, x.size(0)), 0f, eps, out);
  }
}
