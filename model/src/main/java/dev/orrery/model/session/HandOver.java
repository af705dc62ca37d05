package dev.orrery.model.session;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.trace.Trace;

/**
 * The way of frames from the decoder to whoever wants them. Once a chunk is being decoded it has to
 * be completed, so what the code of the caller throws meanwhile is kept until that is done.
 *
 * @param <E> what the sink throws
 */
final class HandOver<E extends Exception> {
  private final WorldSession.FrameSink<E> sink;
  private int left;
  private volatile Throwable failure;

  /** Who is in the sink, and whether an interruption is meant for it. */
  private Thread giver;

  private boolean interrupted;

  /**
   * @param frames how many are wanted; those behind them are dropped
   */
  HandOver(WorldSession.FrameSink<E> sink, int frames) {
    this.sink = sink;
    left = frames;
  }

  /**
   * Decodes a chunk and gives each latent frame's video frames to the sink as soon as they are
   * there. What the decoder throws is thrown here, what the sink throws is not.
   *
   * @return nanoseconds of decoding
   */
  long decode(FrameDecoder decoder, Tensor decodable) {
    long nanos = 0;
    for (int frame = 0; frame < decodable.size(0); frame++) {
      long begun = System.nanoTime();
      VideoFrames frames = decoder.decode(decodable.slice(frame, frame + 1), Trace.NONE);
      nanos += System.nanoTime() - begun;
      give(frames);
    }
    return nanos;
  }

  /** Gives frames to the sink, unless it has failed or has all that are wanted. */
  void give(VideoFrames frames) {
    int wanted = Math.min(left, frames.count());
    if (wanted == 0 || failure != null) {
      return;
    }
    left -= wanted;
    enter();
    try {
      sink.accept(frames.first(wanted));
    } catch (Throwable e) {
      fail(e);
    } finally {
      leave();
    }
  }

  /** Reports progress; when that fails, the sink gets no more frames. */
  void report(Progress progress, String stage, int done, int total) {
    try {
      progress.report(stage, done, total);
    } catch (RuntimeException | Error e) {
      fail(e);
    }
  }

  private synchronized void fail(Throwable e) {
    if (failure == null) {
      failure = e;
    } else {
      failure.addSuppressed(e);
    }
  }

  /** Whether the caller's code has failed. */
  boolean failed() {
    return failure != null;
  }

  /** Throws what the caller's code threw, if it did. */
  void rethrow() throws E {
    switch (failure) {
      case null -> {}
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      default -> throw sinks(failure);
    }
  }

  /** All that a sink can throw and that is checked. */
  @SuppressWarnings("unchecked")
  private E sinks(Throwable checked) {
    return (E) checked;
  }

  /** Notes what the caller's code threw in a failure that is worse. */
  void suppressIn(Throwable worse) {
    if (failure != null && failure != worse) {
      worse.addSuppressed(failure);
    }
  }

  /** Interrupts the sink, now or as soon as it is given frames, as if it ran on this thread. */
  synchronized void interrupt() {
    interrupted = true;
    if (giver != null) {
      giver.interrupt();
    }
  }

  private synchronized void enter() {
    giver = Thread.currentThread();
    if (interrupted) {
      giver.interrupt();
    }
  }

  private synchronized void leave() {
    giver = null;
    if (interrupted) {
      // It was the sink's, and is not for what the thread does next.
      Thread.interrupted();
    }
  }
}
