package dev.orrery.runtime.memory;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * What a streaming causal VAE remembers between chunks: for every convolution over time the last
 * frames of its input. The layers ask for their histories in the order in which they run, {@link
 * #rewind} in front of every chunk; the first chunk creates them.
 */
public final class FeatureCache implements SessionState.Part {
  private final Backend backend;
  private final TensorArena arena;
  private final List<History> histories = new ArrayList<>();
  private int next;

  /**
   * An empty cache.
   *
   * @param arena owner of the histories
   */
  public FeatureCache(Backend backend, TensorArena arena) {
    this.backend = backend;
    this.arena = arena;
  }

  /** Starts a chunk: the next history is that of the first layer. */
  public void rewind() {
    next = 0;
  }

  /**
   * The history of the next layer.
   *
   * @param frames frames it remembers
   * @param frame a tensor {@code [T, Y, X, C]} whose frames have the size and dtype of those to
   *     remember
   */
  public History next(int frames, Tensor frame) {
    if (next == histories.size()) {
      histories.add(
          new History(
              arena.empty(frame.dtype(), frames, frame.size(1), frame.size(2), frame.size(3))));
    }
    return histories.get(next++);
  }

  /** All histories, in the order of the layers. */
  public List<History> histories() {
    return List.copyOf(histories);
  }

  @Override
  public void visitState(SessionState.Visitor state) {
    int present = histories.size();
    long count = state.number("histories", present, Integer.MAX_VALUE);
    if (present > 0 && count > 0 && count != present) {
      throw state.refusal("histories", "expected 0 or " + present + ", found " + count);
    }
    for (int i = 0; i < count; i++) {
      Tensor frames = i < present ? histories.get(i).frames : null;
      Tensor restored = state.tensor("history" + i, frames, arena);
      if (frames == null) {
        histories.add(new History(restored));
      }
      History history = histories.get(i);
      history.started = state.number("started" + i, history.started ? 1 : 0, 1) != 0;
    }
    histories.subList((int) count, histories.size()).clear();
  }

  /**
   * The last frames that one layer was given; frames before the stream are zeros, unless the layer
   * {@linkplain #fill has others}.
   */
  public final class History {
    private final Tensor frames;
    private boolean started;

    private History(Tensor frames) {
      this.frames = frames;
    }

    /** The remembered frames {@code [Th, Y, X, C]}, oldest first. */
    public Tensor frames() {
      return frames;
    }

    /** Whether the layer has seen its first chunk. */
    public boolean started() {
      return started;
    }

    /** Notes the first chunk of a layer that does not remember it. */
    public void start() {
      started = true;
    }

    /** Takes a frame {@code [1, Y, X, C]} for all that come before the stream, zeros otherwise. */
    public void fill(Tensor frame) {
      for (int i = 0; i < frames.size(0); i++) {
        backend.copy(frame, frames.slice(i, i + 1));
      }
    }

    /** Remembers the newest frames of {@code [T, Y, X, C]}. */
    public void push(Tensor newest) {
      started = true;
      int held = frames.size(0);
      int count = newest.size(0);
      if (count < held) {
        backend.copy(frames.slice(count, held), frames.slice(0, held - count));
        backend.copy(newest, frames.slice(held - count, held));
      } else {
        backend.copy(newest.slice(count - held, count), frames);
      }
    }
  }
}
