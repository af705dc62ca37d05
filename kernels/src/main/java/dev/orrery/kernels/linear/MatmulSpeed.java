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
   * Measures the fastest of many products.
   *
   * @param during how long to try; on the CPU code is compiled in the first second
   * @return floating-point operations per second; a multiplication and an addition are two
   */
  public static double measure(Backend backend, Duration during) {
    try (TensorArena arena = backend.newArena()) {
      Tensor x = arena.empty(DType.F32, ROWS, CHANNELS);
      Tensor weight = arena.empty(DType.F32, CHANNELS, CHANNELS);
      Tensor out = arena.empty(DType.F32, ROWS, CHANNELS);
      Matmul matmul = backend.kernel(Matmul.class);
      double operations = Matmul.operations(x, weight, null, Activation.NONE, out);
      long begin = System.nanoTime();
      long least = Long.MAX_VALUE;
      do {
        long before = System.nanoTime();
        matmul.run(x, weight, null, Activation.NONE, out);
        backend.synchronize();
        least = Math.min(least, System.nanoTime() - before);
      } while (System.nanoTime() - begin < during.toNanos());
      return operations * 1e9 / least;
    }
  }
}
