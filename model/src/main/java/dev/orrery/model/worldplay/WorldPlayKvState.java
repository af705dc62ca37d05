package dev.orrery.model.worldplay;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.memory.KvCache;
import java.util.List;

/**
 * Keys and values of one session: those of the window, which is filled anew for every chunk and so
 * is no state, and those of the prompt, which belong to the condition.
 *
 * @param layers one for each block
 */
record WorldPlayKvState(List<Layer> layers) {
  /**
   * Keys and values of one block.
   *
   * @param rotatedKeys keys of the window's tokens with their rotary embedding, {@code [capacity,
   *     H, D]}, context frames first, then those of the chunk
   * @param keys the same without it, for the branch that knows cameras
   * @param values laid out alike
   * @param text keys and values of the prompt
   */
  record Layer(Tensor rotatedKeys, Tensor keys, Tensor values, KvCache.View text) {
    /** The same of the window's tokens {@code [from, to)} alone. */
    Layer slice(int from, int to) {
      return new Layer(
          rotatedKeys.slice(from, to), keys.slice(from, to), values.slice(from, to), text);
    }
  }
}
