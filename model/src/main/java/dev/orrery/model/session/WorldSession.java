package dev.orrery.model.session;

import java.util.Collections;
import java.util.List;

/** One running world. Not for several threads, except {@link #cancel}. */
public interface WorldSession extends AutoCloseable {
  /** Blocks made so far, and the index of the next one. */
  int block();

  /** Video frames the next {@link #step} gives. */
  int nextFrames();

  /**
   * Makes the next block.
   *
   * @param actions the action of each of the {@link #nextFrames} video frames
   * @param progress told before each denoising step and when the block is done
   * @throws IllegalArgumentException if the number of actions is not {@link #nextFrames}
   * @throws java.util.concurrent.CancellationException if {@link #cancel} was called; the same
   *     block can be stepped again
   */
  VideoFrames step(List<? extends Action> actions, Progress progress);

  /** Makes the next block while one action is held. */
  default VideoFrames step(Action action) {
    return step(Collections.nCopies(nextFrames(), action), Progress.NONE);
  }

  /**
   * Ends the running or the next {@link #step} before its next denoising step. Any thread may call
   * it.
   */
  void cancel();

  /** Frees the caches of this session. */
  @Override
  void close();
}
