package dev.orrery.benchmarks;

import dev.orrery.kernels.layout.NearestUpsample;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Param;

/** {@link NearestUpsample} in front of the decoder's last stage. */
public class NearestUpsampleBenchmark extends MemoryBoundBenchmark {
  /** T x Y x X x C. */
  @Param("4x88x160x192")
  public String size;

  /** The input, and four times as much output. */
  public NearestUpsampleBenchmark() {
    super("T x Y x X x C", 0, 5 * Float.BYTES);
  }

  @Override
  String size() {
    return size;
  }

  @Override
  Runnable call(int[] extents) {
    NearestUpsample nearestUpsample = kernel(NearestUpsample.class);
    Tensor x = normal(extents);
    Tensor out = empty(extents[0], 2 * extents[1], 2 * extents[2], extents[3]);
    return () -> nearestUpsample.run(x, out);
  }
}
