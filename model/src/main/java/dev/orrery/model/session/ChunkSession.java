package dev.orrery.model.session;

import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.memory.SessionState;
import dev.orrery.runtime.trace.Trace;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntFunction;

/**
 * A session that generates a chunk, as latents or token ids, and then decodes it: what all families
 * have in common. On a device of its own a chunk is decoded while the next one is made.
 *
 * @param <A> the actions of the family
 */
public abstract class ChunkSession<A extends Action> implements WorldSession {
  private final SharedStart start;
  private final TensorArena arena;
  private final String family;
  private final Class<A> actionType;
  private final FrameDecoder decoder;

  /** Decodes beside the transformer; null where the two would only share the same processors. */
  private final DecodingThread decodingThread;

  /** Set while a chunk is made, or the state is read, which must not meet. */
  private final AtomicBoolean busy = new AtomicBoolean();

  private int chunk;
  private boolean closed;
  private Trace trace = Trace.NONE;
  private volatile boolean cancelled;

  /**
   * A session at chunk 0.
   *
   * @param resources whose arena is closed with the session
   * @param family name of the family, for messages
   * @param actionType the actions that the family's space makes
   * @param decoder at the start of its stream
   * @param generated a tensor like those that {@link #generate} returns
   */
  protected ChunkSession(
      SessionResources resources,
      String family,
      Class<A> actionType,
      FrameDecoder decoder,
      Tensor generated) {
    this.start = resources.start();
    this.arena = resources.arena();
    this.family = family;
    this.actionType = actionType;
    this.decoder = decoder;
    decodingThread =
        resources.overlapped()
            ? new DecodingThread(
                resources.backend(), arena.empty(generated.dtype(), generated.shape().extents()))
            : null;
  }

  /** Forward passes of the transformer over one chunk. */
  protected abstract int steps();

  /** Video frames that a chunk has. */
  protected abstract int framesOfChunk(int chunk);

  /**
   * Generates the next chunk. When {@code listener} throws, the same chunk can be made again.
   *
   * @param chunk its index
   * @param actions one for each of its video frames
   * @param listener called before each forward pass, and when all are done
   * @param trace sees the activations of each pass
   * @return what the decoder takes, such as clean latents {@code [F, h, w, C]} or token ids, valid
   *     until the next call
   */
  protected abstract Tensor generate(
      int chunk, List<A> actions, StepListener listener, Trace trace);

  /**
   * Shows everything that changes from chunk to chunk, but the decoder and the index of the chunk.
   */
  protected abstract void visitGenerator(SessionState.Visitor state);

  /**
   * @throws IllegalStateException when it is to be restored and shares its start with a fork, which
   *     would see the change
   */
  @Override
  public final void visitState(SessionState.Visitor state) {
    if (state.restores() && start.isShared()) {
      throw new IllegalStateException("the session shares its start with a fork");
    }
    visitOwn(state);
    state.part("condition", start.condition());
  }

  /** Shows everything that a fork does not share. */
  private void visitOwn(SessionState.Visitor state) {
    chunk = (int) state.number("chunk", chunk, Integer.MAX_VALUE);
    state.part("generator", this::visitGenerator);
    state.part("decoder", decoder);
  }

  @Override
  public final WorldSession fork() {
    begin();
    try {
      ChunkSession<?> fork = start.another();
      try {
        SessionState.of(this::visitOwn).restore(start.backend(), fork::visitOwn);
        // Another thread may go on with it.
        start.backend().synchronize();
        return fork;
      } catch (RuntimeException | Error e) {
        fork.close();
        throw e;
      }
    } finally {
      busy.set(false);
    }
  }

  @Override
  public final void save(Path file, Progress progress) {
    begin();
    try {
      SavedSession.write(
          file, start.describe(chunk, framesMade()), this, start.backend(), progress);
    } finally {
      busy.set(false);
    }
  }

  private void begin() {
    if (!busy.compareAndSet(false, true)) {
      throw new IllegalStateException("chunk " + chunk + " is being made or saved");
    }
  }

  @Override
  public final int chunk() {
    return chunk;
  }

  /** Video frames that all chunks made so far have; only the first chunk is unlike the others. */
  final long framesMade() {
    return chunk == 0 ? 0 : framesOfChunk(0) + (chunk - 1L) * framesOfChunk(1);
  }

  @Override
  public final long seed() {
    return start.seed();
  }

  @Override
  public final int nextFrames() {
    return framesOfChunk(chunk);
  }

  @Override
  public final VideoFrames step(List<? extends Action> actions, Progress progress) {
    begin();
    try {
      return make(actions, progress);
    } finally {
      busy.set(false);
    }
  }

  private VideoFrames make(List<? extends Action> actions, Progress progress) {
    VideoFrames frames = decoder.decode(generate(actions, progress), Trace.NONE);
    endChunk(progress);
    return frames;
  }

  @Override
  public final <E extends Exception> void rollout(
      IntFunction<? extends Action> actions, int frames, Progress progress, FrameSink<E> sink)
      throws E {
    begin();
    try {
      rollout().run(actions, frames, progress, sink);
    } finally {
      busy.set(false);
    }
  }

  private Rollout rollout() {
    if (decodingThread == null) {
      return new Rollout(
          this,
          (held, report) -> {
            VideoFrames made = make(held, report);
            return new Rollout.PendingFrames(made.count(), () -> made);
          },
          0);
    }
    return new Rollout(
        this,
        (held, report) -> {
          int count = nextFrames();
          Rollout.PendingFrames pending =
              decodingThread.decode(decoder, generate(held, report), count);
          endChunk(report);
          return pending;
        },
        1);
  }

  private Tensor generate(List<? extends Action> actions, Progress progress) {
    if (actions.size() != nextFrames()) {
      throw new IllegalArgumentException(
          "actions: expected one for each of the "
              + nextFrames()
              + " frames of chunk "
              + chunk
              + ", found "
              + actions.size());
    }
    List<A> own = new ArrayList<>();
    for (Action action : actions) {
      if (!actionType.isInstance(action)) {
        throw new IllegalArgumentException(
            "actions: expected those of " + family + ", found " + action);
      }
      own.add(actionType.cast(action));
    }
    String stage = "chunk " + chunk;
    StepListener listener =
        (step, steps) -> {
          endIfCancelled();
          progress.report(stage, step, steps + 1);
        };
    return generate(chunk, own, listener, trace);
  }

  private void endChunk(Progress progress) {
    progress.report("chunk " + chunk, steps() + 1, steps() + 1);
    chunk++;
  }

  private void endIfCancelled() {
    if (cancelled) {
      cancelled = false;
      throw new CancellationException("chunk " + chunk + " was cancelled");
    }
  }

  @Override
  public final void trace(Trace activations) {
    trace = activations;
  }

  @Override
  public final void cancel() {
    cancelled = true;
  }

  @Override
  public final void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (decodingThread != null) {
      decodingThread.close();
    }
    arena.close();
    start.release();
  }
}
