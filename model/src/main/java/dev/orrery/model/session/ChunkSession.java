package dev.orrery.model.session;

import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.memory.SessionState;
import dev.orrery.runtime.trace.Trace;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntFunction;

/**
 * A session that generates a chunk, as latents or token ids, decodes it and then completes it: what
 * all families have in common. On a device of its own, a rollout decodes a chunk while the next one
 * is generated.
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

  private final AtomicReference<Activity> activity = new AtomicReference<>(Activity.NONE);
  private int chunk;
  private boolean closed;
  private Trace trace = Trace.NONE;

  /** Of the last chunk that was completed, while it is still being decoded; else null. */
  private ChunkTimes undecoded;

  private volatile ChunkTimes times;

  /** What broke off decoding or completing a chunk, after which nothing fits together; or null. */
  private Throwable broken;

  /** What goes on: a chunk is made, or the state is copied, which must not meet. */
  private enum Activity {
    NONE,
    MAKING,
    MAKING_CANCELLED,
    COPYING
  }

  /** Ends something without failing. */
  @FunctionalInterface
  private interface Ending extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * A session at chunk 0.
   *
   * @param resources whose arena is closed with the session
   * @param family name of the family, for messages
   * @param actionType the actions that the family's space makes
   * @param decoder at the start of its stream
   * @param generated a tensor like those that are decoded, see {@link #generate}
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
   * Generates the next chunk. Until it is completed, the same chunk can be generated again.
   *
   * @param chunk its index
   * @param actions one for each of its video frames
   * @param listener called before each forward pass, and when all are done
   * @param trace sees the activations of each pass
   */
  protected abstract GeneratedChunk generate(
      int chunk, List<A> actions, StepListener listener, Trace trace);

  /**
   * Shows everything that changes from chunk to chunk, but the decoder and the index of the chunk.
   */
  protected abstract void visitGenerator(SessionState.Visitor state);

  /** Gives back what the generator holds outside of the session's arena. */
  protected void closeGenerator() {}

  /**
   * @throws IllegalStateException when it is to be restored and others share its start, who would
   *     see the change
   */
  @Override
  public final void visitState(SessionState.Visitor state) {
    if (state.restores() && start.isShared()) {
      throw new IllegalStateException("the session shares its start with others");
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
    try (Ending _ = begin(Activity.COPYING)) {
      ChunkSession<?> fork = start.newSession();
      try {
        SessionState.of(this::visitOwn).restore(start.backend(), fork::visitOwn);
        // Another thread may go on with it.
        start.backend().synchronize();
        return fork;
      } catch (RuntimeException | Error e) {
        fork.close();
        throw e;
      }
    }
  }

  @Override
  public final void save(Path file, Progress progress) {
    try (Ending _ = begin(Activity.COPYING)) {
      SavedSession.write(
          file, start.describe(chunk, framesMade()), this, start.backend(), progress);
    }
  }

  private Ending begin(Activity begun) {
    if (closed) {
      throw new IllegalStateException("the session is closed");
    }
    start.requireOpen();
    if (!activity.compareAndSet(Activity.NONE, begun)) {
      throw new IllegalStateException("chunk " + chunk + " is being made or saved");
    }
    if (broken != null) {
      activity.set(Activity.NONE);
      throw new IllegalStateException(
          "a chunk could not be decoded and completed, and the session cannot go on: "
              + broken.getMessage(),
          broken);
    }
    return () -> activity.set(Activity.NONE);
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
    List<VideoFrames> parts = new ArrayList<>();
    stream(actions, progress, parts::add);
    return VideoFrames.joined(parts);
  }

  @Override
  public final <E extends Exception> void stream(
      List<? extends Action> actions, Progress progress, FrameSink<E> sink) throws E {
    HandOver<E> handOver = new HandOver<>(sink, Integer.MAX_VALUE);
    try (Ending _ = begin(Activity.MAKING)) {
      make(actions, progress, handOver, false);
    }
    handOver.rethrow();
  }

  @Override
  public final <E extends Exception> void rollout(
      IntFunction<? extends Action> actions, int frames, Progress progress, FrameSink<E> sink)
      throws E {
    HandOver<E> handOver = new HandOver<>(sink, frames);
    Rollout rollout = new Rollout(this, actions, frames, progress);
    boolean beside = decodingThread != null;
    try (Ending _ = begin(Activity.MAKING);
        Ending _ = () -> awaitDecoding(handOver)) {
      rollout.run((held, report) -> make(held, report, handOver, beside), handOver);
    } catch (CancellationException e) {
      // So is a chunk ended that was begun before the sink failed.
      handOver.rethrow();
      throw e;
    }
    handOver.rethrow();
    rollout.done();
  }

  /**
   * Makes the next chunk.
   *
   * @param beside whether it is decoded on the other thread, and may not be when this returns
   */
  private void make(
      List<? extends Action> actions, Progress progress, HandOver<?> handOver, boolean beside) {
    List<A> own = own(actions);
    PassReports reports = new PassReports(progress, handOver);
    long begun = System.nanoTime();
    GeneratedChunk generated = generate(chunk, own, reports, trace);
    start.backend().synchronize();
    long generating = System.nanoTime() - begun;
    awaitDecoding(handOver);
    endIfCancelled(handOver);
    try {
      long decoding = 0;
      if (beside) {
        decodingThread.start(decoder, generated.decodable(), handOver);
      } else {
        decoding = handOver.decode(decoder, generated.decodable());
      }
      reports.completing();
      begun = System.nanoTime();
      generated.completion().run();
      start.backend().synchronize();
      undecoded = new ChunkTimes(chunk, generating, decoding, System.nanoTime() - begun);
    } catch (RuntimeException | Error e) {
      breakOff(e, handOver);
      throw e;
    }
    if (!beside) {
      times = undecoded;
      undecoded = null;
    }
    chunk++;
    reports.made();
  }

  /** Waits until the frames of all chunks so far are handed over. */
  private void awaitDecoding(HandOver<?> handOver) {
    if (decodingThread == null) {
      return;
    }
    ChunkTimes made = undecoded;
    undecoded = null;
    long decoding;
    try {
      decoding = decodingThread.await();
    } catch (RuntimeException | Error e) {
      breakOff(e, handOver);
      throw e;
    }
    if (made != null) {
      times =
          new ChunkTimes(made.chunk(), made.generatingNanos(), decoding, made.completingNanos());
    }
  }

  /** Notes that this session cannot go on. */
  private void breakOff(Throwable cause, HandOver<?> handOver) {
    broken = cause;
    handOver.suppressIn(cause);
  }

  private List<A> own(List<? extends Action> actions) {
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
    return own;
  }

  /** Reports the stages of a chunk, and ends it before a pass if it is cancelled. */
  private final class PassReports implements StepListener {
    private final Progress progress;
    private final HandOver<?> handOver;
    private final String stage = "chunk " + chunk;

    /** The passes, decoding and completing. */
    private int stages;

    PassReports(Progress progress, HandOver<?> handOver) {
      this.progress = progress;
      this.handOver = handOver;
    }

    @Override
    public void beforeStep(int step, int steps) {
      endIfCancelled(handOver);
      stages = steps + 2;
      progress.report(stage, step, stages);
    }

    void completing() {
      handOver.report(progress, stage, stages - 1, stages);
    }

    void made() {
      handOver.report(progress, stage, stages, stages);
    }
  }

  private void endIfCancelled(HandOver<?> handOver) {
    if (activity.get() == Activity.MAKING_CANCELLED || handOver.failed()) {
      throw new CancellationException("chunk " + chunk + " was cancelled");
    }
    if (Thread.currentThread().isInterrupted()) {
      throw new CancellationException("chunk " + chunk + " was interrupted");
    }
  }

  @Override
  public final Optional<ChunkTimes> times() {
    return Optional.ofNullable(times);
  }

  @Override
  public final void trace(Trace activations) {
    trace = activations;
  }

  @Override
  public final void cancel() {
    activity.compareAndSet(Activity.MAKING, Activity.MAKING_CANCELLED);
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
    closeGenerator();
    arena.close();
    start.release();
  }
}
