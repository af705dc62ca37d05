package dev.orrery.model.matrixgame2;

import dev.orrery.model.layers.AttentionMemory;
import dev.orrery.runtime.memory.KvCache;
import java.util.List;

/**
 * What the transformer of one session remembers, a {@link Layer} for each block.
 *
 * @param layers in the order of the blocks
 */
record MatrixGame2KvState(List<Layer> layers) {
  /**
   * Memory of one block.
   *
   * @param self keys and values of the video tokens
   * @param image keys and values of the start image
   * @param action keys and values of the action module; null in blocks without one
   */
  record Layer(AttentionMemory self, KvCache.View image, ActionModule.Memory action) {}
}
