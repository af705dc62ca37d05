package dev.orrery.model.session;

import dev.orrery.model.camera.CameraPath;
import dev.orrery.runtime.memory.SessionState;
import dev.orrery.runtime.trace.Trace;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.IntFunction;

/**
 * One running world. Not for several threads, except {@link #cancel} and {@link #times}. Its whole
 * state between two chunks can be copied, see {@link SessionState}.
 *
 * <p>A chunk is generated, decoded and completed: what later chunks need of it is kept, such as the
 * keys and values of its clean latents. Until its decoding begins it can be ended, by {@link
 * #cancel}, by interrupting the thread that makes it, or by a failure; it then counts as not made,
 * {@link #chunk} stays what it was, and the chunk that is made next, with the same or other
 * actions, has the bytes that it would have had at once. From then on it is always completed,
 * whatever becomes of its frames, {@link #chunk} moves on, and it is never made again. Should
 * decoding or completing itself fail, as when a device is lost, the session cannot go on: making,
 * forking and saving throw an {@link IllegalStateException} that says so.
 *
 * <p>On a CPU, sessions take turns: kernels of one backend run one at a time, each on all threads
 * of the backend, so that two sessions take twice the time of one.
 */
public interface WorldSession extends SessionState.Part, AutoCloseable {
  /** Chunks made so far, and the index of the next one. */
  int chunk();

  /** The seed that chose this world. */
  long seed();

  /** Video frames the next {@link #step} gives. */
  int nextFrames();

  /**
   * Makes the next chunk: the bytes that {@link #stream} hands over, at once.
   *
   * @param actions the action of each of the {@link #nextFrames} video frames
   * @param progress receives the denoising steps before each of them, then what is left: decoding
   *     the frames, completing the chunk, nothing
   * @throws IllegalArgumentException if the number of actions is not {@link #nextFrames}
   * @throws java.util.concurrent.CancellationException if {@link #cancel} was called or the thread
   *     is interrupted before the chunk's decoding begins; the chunk counts as not made. The
   *     thread's interrupt flag stays set, and ends every chunk until it is cleared.
   */
  VideoFrames step(List<? extends Action> actions, Progress progress);

  /** Makes the next chunk, see {@link #step(List, Progress)}. */
  default VideoFrames step(List<? extends Action> actions) {
    return step(actions, Progress.NONE);
  }

  /** Makes the next chunk while one action is held. */
  default VideoFrames step(Action action) {
    Objects.requireNonNull(action, "action");
    return step(Collections.nCopies(nextFrames(), action));
  }

  /**
   * Makes the next chunk and hands its frames over latent frame by latent frame, each as soon as it
   * is decoded, and all before the chunk is completed. Once the first was handed over, neither
   * {@link #cancel} nor an interruption keeps the rest from following; they come too late.
   *
   * @param actions as for {@link #step}
   * @param progress as for {@link #step}
   * @param sink gets the frames of the chunk, in order, in one or more pieces, on this thread
   * @throws E what the sink throws. It gets no more frames, but the chunk is made all the same:
   *     {@link #chunk} has moved on.
   * @throws java.util.concurrent.CancellationException as for {@link #step}: the sink got nothing,
   *     and the chunk counts as not made
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
   * <p>On a device of its own, a chunk is decoded and its frames are handed over while the next one
   * is generated. The sink is then called on another thread than this one, never on two at once;
   * all that it did happens before this method returns. Meanwhile it may use nothing of the session
   * but {@link #cancel} and {@link #times}. While this thread waits for it, an interruption reaches
   * the sink, too.
   *
   * @param actions the action of each frame, counted from the first one that this call makes:
   *     {@link ActionScript#at}. Asked on this thread, for all frames of a chunk when the chunk
   *     begins and not earlier, so that it may be what a player holds at that moment.
   * @param frames how many
   * @param progress receives before each denoising step how many frames are made, or where a chunk
   *     has fewer frames than steps, how many steps are taken
   * @param sink gets the frames of each chunk, as {@link #stream} hands them over
   * @throws E what the sink throws. It gets no more frames; the chunk that it was given is made,
   *     and a next one that was begun counts as not made.
   * @throws java.util.concurrent.CancellationException as for {@link #step}; the frames of all
   *     chunks up to {@link #chunk} were given to the sink
   */
  default <E extends Exception> void rollout(
      IntFunction<? extends Action> actions, int frames, Progress progress, FrameSink<E> sink)
      throws E {
    HandOver<E> handOver = new HandOver<>(sink, frames);
    Rollout rollout = new Rollout(this, actions, frames, progress);
    rollout.run((held, report) -> stream(held, report, handOver::give), handOver);
    handOver.rethrow();
    rollout.done();
  }

  /**
   * What the stages of the last chunk took that was decoded and completed; empty before the first,
   * and for sessions that do not measure. Any thread may ask.
   */
  default Optional<ChunkTimes> times() {
    return Optional.empty();
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
   * Ends the chunk that is being made, if its decoding has not begun, and the rollout that it
   * belongs to: before the next denoising step. Of a session that makes nothing it changes nothing,
   * the next chunk included. Any thread may call it.
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
