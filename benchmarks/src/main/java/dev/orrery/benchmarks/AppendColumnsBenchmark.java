package dev.orrery.benchmarks;

import dev.orrery.kernels.layout.AppendColumns;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Param;

/** {@link AppendColumns} of the mouse to the tokens of three latent frames. */
public class AppendColumnsBenchmark extends MemoryBoundBenchmark {
  private static final int MOUSE = 24;

  /** T x C. */
  @Param("2640x1536")
  public String size;

  public AppendColumnsBenchmark() {
    super("T x C", 0, 2 * Float.BYTES);
  }

  @Override
  String size() {
    return size;
  }

  /** Input and output, which has more columns. */
  @Override
  public double bytes() {
    return super.bytes() + (double) Float.BYTES * Sizes.parse(size)[0] * MOUSE;
  }

  @Override
  Runnable call(int[] extents) {
    AppendColumns append = kernel(AppendColumns.class);
    Tensor x = normal(extents);
    Tensor frame = normal(3, MOUSE);
    Tensor out = empty(extents[0], extents[1] + MOUSE);
    return () -> append.run(x, frame, out);
  }
}
