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

  /** A copy of the latents that are being decoded; the generator overwrites its own. */
  private final Tensor latents;

  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("orrery-decoder").factory());

  /**
   * @param latents room for the latents of a chunk
   */
  DecodingThread(Backend backend, Tensor latents) {
    this.backend = backend;
    this.latents = latents;
  }

  /**
   * The frames of a chunk that is being decoded.
   *
   * @param count how many there will be
   * @param future the frames
   */
  record Frames(int count, Future<VideoFrames> future) {
    /** Waits for the frames. */
    VideoFrames await() {
      try {
        return future.get();
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
  }

  /**
   * Starts to decode a chunk.
   *
   * @param made latents of the chunk, which may be overwritten on return
   * @param count video frames that they become
   * @param before the chunk that is still being decoded, waited for here; null if there is none
   */
  Frames decode(FrameDecoder decoder, Tensor made, int count, Frames before) {
    if (before != null) {
      before.await();
    }
    backend.copy(made, latents);
    backend.synchronize();
    return new Frames(count, thread.submit(() -> decoder.decode(latents, Trace.NONE)));
  }

  @Override
  public void close() {
    thread.close();
  }
}
