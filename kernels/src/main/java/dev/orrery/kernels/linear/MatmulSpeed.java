package dev.orrery.kernels.linear;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.time.Duration;

/**
 * How fast a backend multiplies matrices, of a size that layers of transformers have: what the time
 * of a network can be judged by.
 */
public final class MatmulSpeed {
  private static final int ROWS = 256;
  private static final int CHANNELS = 1024;

  private MatmulSpeed() {}

  /**
   * Measures the fastest of many products. Code that is not compiled yet is a thousand times
   * slower, and compiling it takes as long as a busy machine makes it take: so it goes on while
   * products get faster.
   *
   * @param patience how long to go on when none is faster by a tenth than the fastest before
   * @return floating-point operations per second; a multiplication and an addition are two
   */
  public static double measure(Backend backend, Duration patience) {
    try (TensorArena arena = backend.newArena()) {
      Tensor x = arena.empty(DType.F32, ROWS, CHANNELS);
      Tensor weight = arena.empty(DType.F32, CHANNELS, CHANNELS);
      Tensor out = arena.empty(DType.F32, ROWS, CHANNELS);
      Matmul matmul = backend.kernel(Matmul.class);
      double operations = Matmul.operations(x, weight, null, Activation.NONE, out);
      long improved = System.nanoTime();
      long least = Long.MAX_VALUE;
      long now;
      do {
        long before = System.nanoTime();
        matmul.run(x, weight, null, Activation.NONE, out);
        backend.synchronize();
        now = System.nanoTime();
        if (now - before < 0.9 * least) {
          improved = now;
        }
        least = Math.min(least, now - before);
      } while (now - improved < patience.toNanos());
      return operations * 1e9 / least;
    }
  }
}
