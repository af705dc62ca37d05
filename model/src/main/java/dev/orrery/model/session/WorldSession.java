package dev.orrery.model.session;

import dev.orrery.model.camera.CameraPath;
import dev.orrery.runtime.memory.SessionState;
import dev.orrery.runtime.trace.Trace;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;

/**
 * One running world. Not for several threads, except {@link #cancel}. Its whole state between two
 * chunks can be copied, see {@link SessionState}.
 */
public interface WorldSession extends SessionState.Part, AutoCloseable {
  /** Chunks made so far, and the index of the next one. */
  int chunk();

  /** Video frames the next {@link #step} gives. */
  int nextFrames();

  /**
   * Makes the next chunk.
   *
   * @param actions the action of each of the {@link #nextFrames} video frames
   * @param progress receives the denoising steps before each of them and when the chunk is done
   * @throws IllegalArgumentException if the number of actions is not {@link #nextFrames}
   * @throws java.util.concurrent.CancellationException if {@link #cancel} was called; the same
   *     chunk can be stepped again
   */
  VideoFrames step(List<? extends Action> actions, Progress progress);

  /** Makes the next chunk, see {@link #step(List, Progress)}. */
  default VideoFrames step(List<? extends Action> actions) {
    return step(actions, Progress.NONE);
  }

  /** Makes the next chunk while one action is held. */
  default VideoFrames step(Action action) {
    return step(Collections.nCopies(nextFrames(), action));
  }

  /**
   * Makes the next chunk and hands its frames over as they are decoded.
   *
   * @param actions as for {@link #step}
   * @param progress as for {@link #step}
   * @param sink gets the frames of the chunk, in order, in one or more pieces
   * @throws E what the sink throws; the chunk is made all the same
   */
  default <E extends Exception> void stream(
      List<? extends Action> actions, Progress progress, FrameSink<E> sink) throws E {
    sink.accept(step(actions, progress));
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
   * <p>On a device of its own, a chunk is decoded while the next one is made. When the sink fails,
   * the session has therefore made one more chunk than the sink was given.
   *
   * @param actions the action of each frame, counted from the first one that this call makes:
   *     {@link ActionScript#at}; asked for when the chunk of the frame begins
   * @param frames how many
   * @param progress receives frames made so far, before each denoising step
   * @param sink gets the frames of each chunk
   * @throws E what the sink throws; the session can go on
   * @throws java.util.concurrent.CancellationException if {@link #cancel} was called; chunks that
   *     were complete are still given to the sink, and the session can go on
   */
  default <E extends Exception> void rollout(
      IntFunction<? extends Action> actions, int frames, Progress progress, FrameSink<E> sink)
      throws E {
    Rollout.ChunkMaker maker =
        (held, report) -> {
          VideoFrames made = step(held, report);
          return new Rollout.PendingFrames(made.count(), () -> made);
        };
    new Rollout(this, maker, 0).run(actions, frames, progress, sink);
  }

  /**
   * The path of the camera in all chunks made so far, one pose for each latent frame; empty for
   * models without cameras and before the first chunk.
   */
  default Optional<CameraPath> cameraPath() {
    return Optional.empty();
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

  /**
   * A second session that has come just as far: with the same actions it makes the same frames, and
   * what it does never shows in this one. The two share the weights and what the start says to all
   * chunks; each is to be closed. A trace is not taken along.
   *
   * @throws IllegalStateException while a chunk is being made
   * @throws OutOfMemoryError if there is no memory for a second one, see {@link MemoryPlan#fork}
   */
  WorldSession fork();

  /**
   * Writes this session into a {@code .safetensors} file, from which {@link WorldModel#resume} goes
   * on with the same bytes. A file of that name is replaced by the complete new one only.
   *
   * @param progress receives the bytes written, in MiB
   * @throws IllegalStateException while a chunk is being made
   * @throws dev.orrery.runtime.checkpoint.CheckpointException if the file cannot be written
   */
  void save(Path file, Progress progress);

  /** Writes this session into a file, see {@link #save(Path, Progress)}. */
  default void save(Path file) {
    save(file, Progress.NONE);
  }

  /** Frees the caches of this session. */
  @Override
  void close();
}
