package dev.orrery.model.genie;

import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.memory.SessionState;
import java.util.ArrayList;
import java.util.List;

/**
 * Keys and values of the frames of a window, for each {@link CausalAttention} of a network. As time
 * is causal, those of a frame do not change while the window grows behind it; when the window
 * slides, every frame gets another position, and all of them are lost.
 */
public final class FrameCache {
  private final List<Layer> layers = new ArrayList<>();
  private int frames;

  /**
   * Keys and values of one layer.
   *
   * @param keys {@code [window, S, H, D]}
   * @param values laid out alike
   */
  public record Layer(Tensor keys, Tensor values) {}

  /**
   * A cache without frames.
   *
   * @param arena owner of the memory
   * @param dtype of keys and values
   * @param layers number of layers
   * @param extents {@code [window, S, H, D]}
   */
  public FrameCache(TensorArena arena, DType dtype, int layers, long... extents) {
    for (int i = 0; i < layers; i++) {
      this.layers.add(new Layer(arena.empty(dtype, extents), arena.empty(dtype, extents)));
    }
  }

  /** Keys and values of a layer. */
  public Layer layer(int index) {
    return layers.get(index);
  }

  /** How many frames at the start of the window need not be computed again. */
  public int frames() {
    return frames;
  }

  /** Notes that the first {@code frames} frames are there to stay; 0 to forget all. */
  public void keep(int frames) {
    this.frames = frames;
  }

  /**
   * Shows the keys and values that are there to stay.
   *
   * @param known frames of the window that are known: there are no keys and values of others
   */
  public void visitState(SessionState.Visitor state, int known) {
    frames = (int) state.number("frames", frames, known);
    for (int i = 0; i < layers.size(); i++) {
      state.tensor("layer" + i + ".keys", layers.get(i).keys().slice(0, frames));
      state.tensor("layer" + i + ".values", layers.get(i).values().slice(0, frames));
    }
  }
}
