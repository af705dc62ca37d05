package dev.orrery.model.session;

import dev.orrery.runtime.trace.Trace;
import java.util.Collections;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** One running world. Not for several threads, except {@link #cancel}. */
public interface WorldSession extends AutoCloseable {
  /** Chunks made so far, and the index of the next one. */
  int chunk();

  /** Video frames the next {@link #step} gives. */
  int nextFrames();

  /**
   * Makes the next chunk.
   *
   * @param actions the action of each of the {@link #nextFrames} video frames
   * @param progress told before each denoising step and when the chunk is done
   * @throws IllegalArgumentException if the number of actions is not {@link #nextFrames}
   * @throws java.util.concurrent.CancellationException if {@link #cancel} was called; the same
   *     chunk can be stepped again
   */
  VideoFrames step(List<? extends Action> actions, Progress progress);

  /** Makes the next chunk while one action is held. */
  default VideoFrames step(Action action) {
    return step(Collections.nCopies(nextFrames(), action), Progress.NONE);
  }

  /** Takes frames as they are made; may fail in a way of its own. */
  @FunctionalInterface
  interface FrameSink<E extends Exception> {
    void accept(VideoFrames frames) throws E;
  }

  /**
   * Makes as many frames as wanted, chunk by chunk; the same bytes as stepping by hand. Frames of
   * the last chunk that are too many are dropped.
   *
   * @param actions the action of each frame, counted from the first one that this call makes:
   *     {@link ActionScript#at}
   * @param frames how many
   * @param progress told in frames
   * @param sink gets the frames of each chunk
   * @throws E what the sink throws; the session can go on
   */
  default <E extends Exception> void rollout(
      IntFunction<? extends Action> actions, int frames, Progress progress, FrameSink<E> sink)
      throws E {
    int done = 0;
    while (done < frames) {
      int first = done;
      int count = nextFrames();
      int wanted = Math.min(count, frames - first);
      List<? extends Action> held =
          IntStream.range(first, first + count).mapToObj(actions).toList();
      Progress steps =
          (stage, step, total) ->
              progress.report("making frames", first + wanted * step / Math.max(1, total), frames);
      sink.accept(step(held, steps).first(wanted));
      done += wanted;
      progress.report("making frames", done, frames);
    }
  }

  /**
   * Shows the transformer's activations to a trace from the next chunk on, slower and with the same
   * result. Names start with the pass over the block, {@code step0.block3.out}; {@link Trace#NONE}
   * ends it.
   */
  void trace(Trace trace);

  /**
   * Ends the running or the next {@link #step} before its next denoising step. Any thread may call
   * it.
   */
  void cancel();

  /** Frees the caches of this session. */
  @Override
  void close();
}
