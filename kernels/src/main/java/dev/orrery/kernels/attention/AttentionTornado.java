package dev.orrery.kernels.attention;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.kernels.tornado.TornadoDevice;

/** Tiles of queries and keys in local memory. */
public final class AttentionTornado extends AttentionTileTornado implements Attention {
  public AttentionTornado(TornadoDevice device) {
    super(device);
  }

  @Override
  public void launch(Tensor q, Tensor k, Tensor v, int sequences, double scale, Tensor out) {
    launchTiles(sequences, q, k, v, null, null, null, 0, scale, out);
  }
}
