package dev.orrery.model.session;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.tensor.Tensor;
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

  /** The chunk that is being decoded, or null. */
  private Running running;

  private record Running(Future<Long> nanos, HandOver<?> handOver) {}

  /**
   * @param decoding room for what a chunk is decoded from
   */
  DecodingThread(Backend backend, Tensor decoding) {
    this.backend = backend;
    this.decoding = decoding;
  }

  /**
   * Starts to decode a chunk. The one before was waited for.
   *
   * @param decodable what the chunk is decoded from, which may be overwritten on return
   * @param handOver gets the frames, on the thread that decodes
   */
  void start(FrameDecoder decoder, Tensor decodable, HandOver<?> handOver) {
    backend.copy(decodable, decoding);
    backend.synchronize();
    running = new Running(thread.submit(() -> handOver.decode(decoder, decoding)), handOver);
  }

  /**
   * Waits until the chunk is decoded and its frames are handed over. An interruption reaches the
   * sink, does not end the waiting, and is left for the caller to see.
   *
   * @return nanoseconds of decoding; 0 if there was no chunk to wait for
   */
  long await() {
    if (running == null) {
      return 0;
    }
    Running awaited = running;
    running = null;
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return awaited.nanos().get();
        } catch (InterruptedException e) {
          interrupted = true;
          awaited.handOver().interrupt();
        }
      }
    } catch (ExecutionException e) {
      throw switch (e.getCause()) {
        case RuntimeException failure -> failure;
        case Error failure -> throw failure;
        default -> new IllegalStateException(e.getCause());
      };
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public void close() {
    thread.close();
  }
}
