package dev.orrery.benchmarks;

import dev.orrery.kernels.elementwise.Softmax;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** {@link Softmax} of the decoder's attention within a frame. */
public class SoftmaxBenchmark extends MemoryBoundBenchmark {
  /** R x C. */
  @Param("3520x3520")
  public String size;

  private Softmax softmax;
  private Tensor x;
  private Tensor out;

  @Override
  void prepare() {
    int[] extents = Sizes.parse(size);
    softmax = kernel(Softmax.class);
    x = normal(extents);
    out = empty(extents);
  }

  @Override
  public String shape() {
    return Sizes.show("R x C", size);
  }

  @Override
  public double bytes() {
    return 2 * Sizes.bytes(size);
  }

  @Benchmark
  public Tensor run() {
    softmax.run(x, out);
    return out;
  }
}
