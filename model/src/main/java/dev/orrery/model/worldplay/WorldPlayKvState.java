package dev.orrery.model.worldplay;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.memory.KvCache;
import dev.orrery.runtime.memory.SessionState;
import java.util.List;

/**
 * Keys and values of one session: those of the window and of the prompt.
 *
 * @param layers one for each block
 */
record WorldPlayKvState(List<Layer> layers) implements SessionState.Part {
  /**
   * Keys and values of one block.
   *
   * @param rotatedKeys keys of the window's tokens with their rotary embedding, {@code [capacity,
   *     H, D]}, context frames first, then those of the chunk
   * @param keys the same without it, for the branch that knows cameras
   * @param values laid out alike
   * @param text keys and values of the prompt
   */
  record Layer(Tensor rotatedKeys, Tensor keys, Tensor values, KvCache.View text) {}

  /** The window is filled anew for every chunk; what stays is the prompt. */
  @Override
  public void visitState(SessionState.Visitor state) {
    for (int i = 0; i < layers.size(); i++) {
      state.part("block" + i + ".text", layers.get(i).text());
    }
  }
}
