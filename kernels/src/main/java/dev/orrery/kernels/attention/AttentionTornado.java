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
    int queries = q.size(0) / sequences;
    int keys = k.size(0) / sequences;
    for (int i = 0; i < sequences; i++) {
      attend(
          q.slice(i * queries, (i + 1) * queries),
          k.slice(i * keys, (i + 1) * keys),
          v.slice(i * keys, (i + 1) * keys),
          scale,
          out.slice(i * queries, (i + 1) * queries));
    }
  }

  private void attend(Tensor q, Tensor k, Tensor v, double scale, Tensor out) {
    launchTiles(q, k, v, null, null, null, scale, out);
  }
}
