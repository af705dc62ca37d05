package dev.orrery.model.matrixgame2;

import dev.orrery.model.layers.KvCacheAttention;
import dev.orrery.runtime.memory.KvCache;
import dev.orrery.runtime.memory.SessionState;
import java.util.List;

/**
 * Keys and values of one session, a {@link Layer} for each block of the transformer.
 *
 * @param layers in the order of the blocks
 */
record MatrixGame2KvState(List<Layer> layers) implements SessionState.Part {
  /**
   * Keys and values of one block.
   *
   * @param self keys and values of the video tokens
   * @param image keys and values of the start image
   * @param action keys and values of the action module; null in blocks without one
   */
  record Layer(KvCacheAttention self, KvCache.View image, ActionModule.KvState action)
      implements SessionState.Part {
    @Override
    public void visitState(SessionState.Visitor state) {
      state.part("self", self);
      state.part("image", image);
      if (action != null) {
        state.part("action", action);
      }
    }
  }

  @Override
  public void visitState(SessionState.Visitor state) {
    for (int i = 0; i < layers.size(); i++) {
      state.part("block" + i, layers.get(i));
    }
  }
}
