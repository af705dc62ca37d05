package dev.orrery.model.matrixgame2;

import dev.orrery.model.layers.KvCacheAttention;
import dev.orrery.runtime.memory.KvCache;
import java.util.List;

/**
 * Keys and values of one session, a {@link Layer} for each block of the transformer.
 *
 * @param layers in the order of the blocks
 */
record MatrixGame2KvState(List<Layer> layers) {
  /**
   * Keys and values of one block.
   *
   * @param self keys and values of the video tokens
   * @param image keys and values of the start image
   * @param action keys and values of the action module; null in blocks without one
   */
  record Layer(KvCacheAttention self, KvCache.View image, ActionModule.KvState action) {}
}
