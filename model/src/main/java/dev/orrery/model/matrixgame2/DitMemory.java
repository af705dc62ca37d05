package dev.orrery.model.matrixgame2;

import dev.orrery.model.layers.AttentionMemory;
import dev.orrery.runtime.memory.KvCache;
import dev.orrery.runtime.memory.SessionState;
import java.util.List;

/**
 * What the transformer of one session remembers, a {@link Layer} for each block.
 *
 * @param layers in the order of the blocks
 */
record DitMemory(List<Layer> layers) implements SessionState.Part {
  /**
   * Memory of one block.
   *
   * @param self keys and values of the video tokens
   * @param image keys and values of the start image
   * @param action keys and values of the action module; null in blocks without one
   */
  record Layer(AttentionMemory self, KvCache.View image, ActionModule.Memory action)
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
