package dev.orrery.model.worldplayhy;

import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.runtime.memory.KvCache;
import java.util.ArrayList;
import java.util.List;

/**
 * The keys and values of the remembered frames in each block, without any position: each branch of
 * the attention gives them its own when it reads them. It is filled anew for every chunk, and so is
 * no state.
 */
final class ContextMemory {
  private final List<KvCache.View> blocks = new ArrayList<>();

  /**
   * A memory without content.
   *
   * @param dtype of keys and values
   * @param tokens of the most remembered frames
   * @param arena owner of the memory
   */
  ContextMemory(WorldPlayHyTransformerConfig config, DType dtype, long tokens, TensorArena arena) {
    for (int i = 0; i < config.layers(); i++) {
      blocks.add(
          new KvCache.View(
              arena.empty(dtype, tokens, config.heads(), config.headDim()),
              arena.empty(dtype, tokens, config.heads(), config.headDim())));
    }
  }

  /** Keys and values {@code [capacity, H, D]} of a block. */
  KvCache.View block(int index) {
    return blocks.get(index);
  }
}
