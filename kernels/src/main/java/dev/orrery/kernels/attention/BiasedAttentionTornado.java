package dev.orrery.kernels.attention;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.kernels.tornado.TornadoDevice;

/** Tiles of queries and keys in local memory; a score gets its bias when it is complete. */
public final class BiasedAttentionTornado extends AttentionTileTornado implements BiasedAttention {
  public BiasedAttentionTornado(TornadoDevice device) {
    super(device);
  }

  @Override
  public void launch(Tensor q, Tensor k, Tensor v, Tensor bias, double scale, Tensor out) {
    launchTiles(1, q, k, v, bias, null, null, 0, scale, out);
  }
}
