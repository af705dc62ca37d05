package dev.orrery.model.genie;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.memory.SessionState;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** Token ids of the newest frames of a session, oldest first. */
public final class TokenWindow implements SessionState.Part {
  private final int capacity;
  private final int tokens;
  private final int vocabulary;
  private final int[] ids;
  private int frames;

  /**
   * A window without frames.
   *
   * @param capacity frames that it holds at most, 1 or more
   * @param tokens tokens of a frame
   * @param vocabulary ids are below this
   */
  public TokenWindow(int capacity, int tokens, int vocabulary) {
    this.capacity = capacity;
    this.tokens = tokens;
    this.vocabulary = vocabulary;
    ids = new int[Math.multiplyExact(capacity, tokens)];
  }

  /** Frames that are there. */
  public int frames() {
    return frames;
  }

  /** The ids of the frames from {@code first} on, frame by frame. */
  public int[] from(int first) {
    return Arrays.copyOfRange(ids, first * tokens, frames * tokens);
  }

  /**
   * Adds a frame; if there is no room, the oldest one falls out and the others move up.
   *
   * @return whether they did
   */
  public boolean add(int[] frame) {
    if (frame.length != tokens) {
      throw new IllegalArgumentException(
          "tokens of a frame: expected " + tokens + ", found " + frame.length);
    }
    boolean slides = frames == capacity;
    if (slides) {
      System.arraycopy(ids, tokens, ids, 0, (capacity - 1) * tokens);
      frames--;
    }
    System.arraycopy(frame, 0, ids, frames * tokens, tokens);
    frames++;
    return slides;
  }

  @Override
  public void visitState(SessionState.Visitor state) {
    frames = (int) state.number("frames", frames, capacity);
    Tensor all = Tensor.host(DType.I32, Shape.of(capacity, tokens), MemorySegment.ofArray(ids));
    state.tensor("ids", all.slice(0, frames));
    for (int i = 0; state.restores() && i < frames * tokens; i++) {
      if (ids[i] < 0 || ids[i] >= vocabulary) {
        throw state.refusal(
            "ids", "expected 0 to " + (vocabulary - 1) + ", found " + ids[i] + " at " + i);
      }
    }
  }
}
