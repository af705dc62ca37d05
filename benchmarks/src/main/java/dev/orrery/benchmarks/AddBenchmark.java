package dev.orrery.benchmarks;

import dev.orrery.kernels.elementwise.Add;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** {@link Add} of the tokens of a chunk, and of the pixels of four frames. */
public class AddBenchmark extends MemoryBoundBenchmark {
  /** R x C. */
  @Param({"2640x1536", "225280x96"})
  public String size;

  private Add add;
  private Tensor a;
  private Tensor b;
  private Tensor out;

  @Override
  void prepare() {
    int[] extents = Sizes.parse(size);
    add = kernel(Add.class);
    a = normal(extents);
    b = normal(extents);
    out = empty(extents);
  }

  @Override
  public String shape() {
    return Sizes.show("R x C", size);
  }

  @Override
  public double bytes() {
    return 3 * Sizes.bytes(size);
  }

  @Benchmark
  public Tensor run() {
    add.run(a, b, out);
    return out;
  }
}
