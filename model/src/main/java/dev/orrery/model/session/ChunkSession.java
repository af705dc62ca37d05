package dev.orrery.model.session;

import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.memory.SessionState;
import dev.orrery.runtime.trace.Trace;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.IntFunction;

/**
 * A session that generates a chunk, as latents or token ids, and then decodes it: what all families
 * have in common. On a device of its own a chunk is decoded while the next one is made.
 *
 * @param <A> the actions of the family
 */
public abstract class ChunkSession<A extends Action> implements WorldSession {
  private final TensorArena arena;
  private final String family;
  private final Class<A> actionType;
  private final FrameDecoder decoder;

  /** Decodes beside the transformer; null where the two would only share the same processors. */
  private final DecodingThread decodingThread;

  private int chunk;
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

  /** Shows the state of everything but the decoder and the index of the chunk. */
  protected abstract void visitGenerator(SessionState.Visitor state);

  @Override
  public final void visitState(SessionState.Visitor state) {
    chunk = (int) state.number("chunk", chunk);
    state.part("generator", this::visitGenerator);
    state.part("decoder", decoder);
  }

  @Override
  public final int chunk() {
    return chunk;
  }

  @Override
  public final int nextFrames() {
    return framesOfChunk(chunk);
  }

  @Override
  public final VideoFrames step(List<? extends Action> actions, Progress progress) {
    VideoFrames frames = decoder.decode(generate(actions, progress), Trace.NONE);
    endChunk(progress);
    return frames;
  }

  @Override
  public final <E extends Exception> void rollout(
      IntFunction<? extends Action> actions, int frames, Progress progress, FrameSink<E> sink)
      throws E {
    if (decodingThread == null) {
      WorldSession.super.rollout(actions, frames, progress, sink);
      return;
    }
    Rollout.ChunkMaker maker =
        (held, report) -> {
          int count = nextFrames();
          Rollout.PendingFrames pending =
              decodingThread.decode(decoder, generate(held, report), count);
          endChunk(report);
          return pending;
        };
    new Rollout(this, maker, 1).run(actions, frames, progress, sink);
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
    if (decodingThread != null) {
      decodingThread.close();
    }
    arena.close();
  }
}
