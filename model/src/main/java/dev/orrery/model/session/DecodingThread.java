package dev.orrery.model.session;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.trace.Trace;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Decodes chunks on a thread of its own, and so on a stream of its own, beside the transformer that
 * makes the next chunk.
 */
final class DecodingThread implements AutoCloseable {
  private final Backend backend;

  /** A copy of what is being decoded; the generator overwrites its own. */
  private final Tensor decoding;

  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("orrery-decoder").factory());

  private Future<VideoFrames> newest;

  /**
   * @param decoding room for what a chunk is decoded from
   */
  DecodingThread(Backend backend, Tensor decoding) {
    this.backend = backend;
    this.decoding = decoding;
  }

  /**
   * Starts to decode a chunk, when the one before is decoded.
   *
   * @param generated what the chunk is decoded from, which may be overwritten on return
   * @param count video frames that it becomes
   */
  Rollout.PendingFrames decode(FrameDecoder decoder, Tensor generated, int count) {
    if (newest != null) {
      await(newest);
    }
    backend.copy(generated, decoding);
    backend.synchronize();
    Future<VideoFrames> future = thread.submit(() -> decoder.decode(decoding, Trace.NONE));
    newest = future;
    return new Rollout.PendingFrames(count, () -> await(future));
  }

  private static VideoFrames await(Future<VideoFrames> frames) {
    try {
      return frames.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      if (e.getCause() instanceof Error failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for frames", e);
    }
  }

  @Override
  public void close() {
    thread.close();
  }
}
