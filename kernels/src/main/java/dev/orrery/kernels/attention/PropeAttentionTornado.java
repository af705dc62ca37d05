package dev.orrery.kernels.attention;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.kernels.tornado.TornadoDevice;

/** Tiles of queries and keys in local memory, transformed as they are loaded. */
public final class PropeAttentionTornado extends AttentionTileTornado implements PropeAttention {
  public PropeAttentionTornado(TornadoDevice device) {
    super(device);
  }

  @Override
  public void launch(
      Tensor q,
      Tensor k,
      Tensor v,
      Tensor imageFromWorld,
      Tensor worldFromImage,
      int plainKeys,
      double scale,
      Tensor room,
      Tensor out) {
    launchTiles(1, q, k, v, null, imageFromWorld, worldFromImage, plainKeys, scale, out);
  }
}
