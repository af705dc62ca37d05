package dev.orrery.benchmarks;

import dev.orrery.kernels.elementwise.Relu;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Param;

/**
 * {@link Relu} between two convolutions of the small decoder, at a quarter and at all of its rows.
 */
public class ReluBenchmark extends MemoryBoundBenchmark {
  /** P x C. */
  @Param({"84480x256", "901120x64"})
  public String size;

  public ReluBenchmark() {
    super("P x C", 1, 2 * Float.BYTES);
  }

  @Override
  String size() {
    return size;
  }

  @Override
  Runnable call(int[] extents) {
    Relu relu = kernel(Relu.class);
    Tensor x = normal(extents);
    Tensor out = empty(extents);
    return () -> relu.run(x, out);
  }
}
