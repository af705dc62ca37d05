package dev.orrery.model.session;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.trace.Trace;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * A session that makes the clean latents of a chunk and then decodes them: what all families have
 * in common. On a device of its own a chunk is decoded while the next one is made.
 */
public abstract class ChunkSession implements WorldSession {
  private final TensorArena arena;
  private final FrameDecoder decoder;

  /** Decodes beside the transformer; null where the two would only share the same processors. */
  private final DecodingThread decodingThread;

  private int chunk;
  private Trace trace = Trace.NONE;
  private volatile boolean cancelled;

  /**
   * A session at chunk 0.
   *
   * @param arena owner of the session's tensors, closed with it
   * @param decoder at the start of its stream
   * @param decoding room for the latents of a chunk that is decoded while the next one is made, or
   *     null to decode first
   */
  protected ChunkSession(
      Backend backend, TensorArena arena, FrameDecoder decoder, Tensor decoding) {
    this.arena = arena;
    this.decoder = decoder;
    decodingThread = decoding == null ? null : new DecodingThread(backend, decoding);
  }

  /** Passes of the transformer over one chunk. */
  protected abstract int passes();

  /** Video frames that a chunk has. */
  protected abstract int framesOfChunk(int chunk);

  /**
   * Makes the next chunk. When {@code before} throws, the same chunk can be made again.
   *
   * @param chunk its index
   * @param actions one for each of its video frames
   * @param before told before each pass, and when all are done
   * @param trace sees the activations of each pass
   * @return clean latents {@code [F, h, w, C]}, valid until the next call
   * @throws IllegalArgumentException if an action is of another family
   */
  protected abstract Tensor generate(
      int chunk, List<? extends Action> actions, BeforePass before, Trace trace);

  @Override
  public final int chunk() {
    return chunk;
  }

  @Override
  public final int nextFrames() {
    return framesOfChunk(chunk);
  }

  @Override
  public final VideoFrames step(List<? extends Action> frameActions, Progress progress) {
    Tensor latents = generate(frameActions, progress);
    VideoFrames frames = decoder.decode(latents, Trace.NONE);
    endChunk(progress);
    return frames;
  }

  /**
   * {@inheritDoc}
   *
   * <p>On a device of its own, a chunk is decoded while the next one is made. When the sink fails,
   * the session has therefore made one more chunk than the sink was given.
   */
  @Override
  public final <E extends Exception> void rollout(
      IntFunction<? extends Action> frameActions, int frames, Progress progress, FrameSink<E> sink)
      throws E {
    if (decodingThread == null) {
      WorldSession.super.rollout(frameActions, frames, progress, sink);
      return;
    }
    int made = 0;
    int given = 0;
    DecodingThread.Frames decoding = null;
    while (given < frames) {
      DecodingThread.Frames next = null;
      if (made < frames) {
        int first = made;
        int count = nextFrames();
        List<? extends Action> held =
            IntStream.range(first, first + count).mapToObj(frameActions).toList();
        Tensor latents;
        try {
          latents = generate(held, Progress.NONE);
        } catch (CancellationException e) {
          if (decoding != null) {
            sink.accept(decoding.await().first(Math.min(decoding.count(), frames - given)));
          }
          throw e;
        }
        next = decodingThread.decode(decoder, latents, count, decoding);
        endChunk(Progress.NONE);
        made += count;
      }
      if (decoding != null) {
        int wanted = Math.min(decoding.count(), frames - given);
        VideoFrames done = decoding.await().first(wanted);
        given += wanted;
        progress.report("making frames", given, frames);
        sink.accept(done);
      }
      decoding = next;
    }
  }

  private Tensor generate(List<? extends Action> frameActions, Progress progress) {
    if (frameActions.size() != nextFrames()) {
      throw new IllegalArgumentException(
          "actions: expected one for each of the "
              + nextFrames()
              + " frames of chunk "
              + chunk
              + ", found "
              + frameActions.size());
    }
    String stage = "chunk " + chunk;
    return generate(
        chunk,
        frameActions,
        (pass, passes) -> {
          endIfCancelled();
          progress.report(stage, pass, passes + 1);
        },
        trace);
  }

  private void endChunk(Progress progress) {
    progress.report("chunk " + chunk, passes() + 1, passes() + 1);
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
