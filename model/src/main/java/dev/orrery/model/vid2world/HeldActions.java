package dev.orrery.model.vid2world;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.memory.SessionState;

/**
 * What was done during each frame of a window. A frame answers to what was done during the frame
 * before it, the first of a window to nothing at all, which is not the same as rest.
 */
final class HeldActions {
  private final Backend backend;
  private final Tensor held;
  private final Tensor told;

  /**
   * Rest during all frames of the past.
   *
   * @param frames of the window, with the one that is made
   */
  HeldActions(Vid2WorldAction rest, int frames, Backend backend, TensorArena arena) {
    this.backend = backend;
    int dim = rest.values().length;
    held = arena.empty(DType.F32, frames, dim);
    told = arena.empty(DType.F32, frames, dim);
    for (int i = 0; i < frames; i++) {
      put(i, rest);
    }
  }

  private void put(int frame, Vid2WorldAction action) {
    backend.copy(Tensor.of(action.values(), held.size(1)), held.row(frame));
  }

  /**
   * What each frame answers to, {@code [past + 1, A]}: row 0 is zeros and stays so.
   *
   * @param past frames before the one that is made
   */
  Tensor told(int past) {
    backend.copy(held.slice(0, past), told.slice(1, past + 1L));
    return told.slice(0, past + 1L);
  }

  /**
   * Keeps what was done during the frame that was made.
   *
   * @param past frames before it
   * @param full whether the oldest frame leaves
   */
  void keep(Vid2WorldAction action, int past, boolean full) {
    put(past, action);
    if (full) {
      backend.copy(held.slice(1, past + 1L), held.slice(0, past));
    }
  }

  void visitState(SessionState.Visitor state) {
    state.finite("held", held);
  }
}
