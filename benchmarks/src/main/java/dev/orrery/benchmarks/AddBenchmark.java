package dev.orrery.benchmarks;

import dev.orrery.kernels.elementwise.Add;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Param;

/** {@link Add} of the tokens of a chunk, and of the pixels of four frames. */
public class AddBenchmark extends MemoryBoundBenchmark {
  /** R x C. */
  @Param({"2640x1536", "225280x96"})
  public String size;

  public AddBenchmark() {
    super("R x C", 1, 3 * Float.BYTES);
  }

  @Override
  String size() {
    return size;
  }

  @Override
  Runnable call(int[] extents) {
    Add add = kernel(Add.class);
    Tensor a = normal(extents);
    Tensor b = normal(extents);
    Tensor out = empty(extents);
    return () -> add.run(a, b, out);
  }
}
