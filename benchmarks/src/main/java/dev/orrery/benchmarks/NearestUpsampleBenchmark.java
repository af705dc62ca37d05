package dev.orrery.benchmarks;

import dev.orrery.kernels.layout.NearestUpsample;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** {@link NearestUpsample} in front of the decoder's last stage. */
public class NearestUpsampleBenchmark extends MemoryBoundBenchmark {
  /** T x Y x X x C. */
  @Param("4x88x160x192")
  public String size;

  private NearestUpsample nearestUpsample;
  private Tensor x;
  private Tensor out;

  @Override
  void prepare() {
    int[] extents = Sizes.parse(size);
    nearestUpsample = kernel(NearestUpsample.class);
    x = normal(extents);
    out = empty(extents[0], 2 * extents[1], 2 * extents[2], extents[3]);
  }

  @Override
  public String shape() {
    return Sizes.show("T x Y x X x C", size);
  }

  /** The input, and four times as much output. */
  @Override
  public double bytes() {
    return 5 * Sizes.bytes(size);
  }

  @Benchmark
  public Tensor run() {
    nearestUpsample.run(x, out);
    return out;
  }
}
