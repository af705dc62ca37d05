package dev.orrery.benchmarks;

import dev.orrery.kernels.elementwise.Softmax;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Param;

/** {@link Softmax} of the decoder's attention within a frame. */
public class SoftmaxBenchmark extends MemoryBoundBenchmark {
  /** R x C. */
  @Param("3520x3520")
  public String size;

  public SoftmaxBenchmark() {
    super("R x C", 5, 2 * Float.BYTES);
  }

  @Override
  String size() {
    return size;
  }

  @Override
  Runnable call(int[] extents) {
    Softmax softmax = kernel(Softmax.class);
    Tensor x = normal(extents);
    Tensor out = empty(extents);
    return () -> softmax.run(x, out);
  }
}
