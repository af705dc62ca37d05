package dev.orrery.kernels.norm;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.kernels.tornado.TornadoDevice;

/** A group of threads for each token; the tokens of a frame share the parameters. */
public final class LayerNormModulateTornado extends LayerNormRowTornado
    implements LayerNormModulate {
  public LayerNormModulateTornado(TornadoDevice device) {
    super(device);
  }

  @Override
  public void launch(Tensor x, Tensor shift, Tensor scale, double eps, Tensor out) {
    launchRows(x, scale, shift, Math.max(1, x.size(0) / shift.size(0)), 1f, eps, out);
  }
}
