package dev.orrery.model.oasis;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.memory.KvCache;
import dev.orrery.runtime.memory.SessionState;
import java.util.ArrayList;
import java.util.List;

/**
 * Temporal keys and values of the frames in a window, a layer for each block of the transformer.
 * Keys know their temporal position. Which frame lies in which row is the caller's business.
 *
 * @param layers {@code [window, S, H, D]} each
 */
record OasisKvState(List<KvCache.View> layers) {
  /**
   * Caches of unknown content.
   *
   * @param frames rows of the caches
   * @param arena owner of the memory
   */
  static OasisKvState empty(
      OasisTransformerConfig config, int frames, Backend backend, TensorArena arena) {
    DType activations = backend.computeTypes().transformer();
    long[] extents = {frames, config.tokens(), config.heads(), config.headDim()};
    List<KvCache.View> layers = new ArrayList<>();
    for (int i = 0; i < config.layers(); i++) {
      layers.add(
          new KvCache.View(arena.empty(activations, extents), arena.empty(activations, extents)));
    }
    return new OasisKvState(layers);
  }

  /** Keys and values of a layer in the rows {@code [from, to)}. */
  KvCache.View rows(int layer, int from, int to) {
    Tensor keys = layers.get(layer).keys();
    Tensor values = layers.get(layer).values();
    return new KvCache.View(keys.slice(from, to), values.slice(from, to));
  }

  /** The first rows as part of a session's state; the others have no content. */
  void visitState(SessionState.Visitor state, int rows) {
    for (int i = 0; i < layers.size(); i++) {
      state.part("block" + i, rows(i, 0, rows));
    }
  }
}
