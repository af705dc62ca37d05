package dev.orrery.benchmarks;

import dev.orrery.kernels.elementwise.Multiply;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Param;

/**
 * {@link Multiply} of the two halves of a gated feed-forward layer, for a long prompt and a short
 * one.
 */
public class MultiplyBenchmark extends MemoryBoundBenchmark {
  /** R x C. */
  @Param({"512x10240", "40x10240"})
  public String size;

  public MultiplyBenchmark() {
    super("R x C", 1, 3 * Float.BYTES);
  }

  @Override
  String size() {
    return size;
  }

  @Override
  Runnable call(int[] extents) {
    Multiply multiply = kernel(Multiply.class);
    Tensor a = normal(extents);
    Tensor b = normal(extents);
    Tensor out = empty(extents);
    return () -> multiply.run(a, b, out);
  }
}
