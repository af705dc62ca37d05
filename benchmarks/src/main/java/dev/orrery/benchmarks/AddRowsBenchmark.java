package dev.orrery.benchmarks;

import dev.orrery.kernels.elementwise.Add;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Param;

/**
 * {@link Add} of fewer rows to the tokens of a window of frames of Genie: an action for each frame,
 * or the positions of a frame's tokens for all frames.
 */
public class AddRowsBenchmark extends MemoryBoundBenchmark {
  /** F x T x C. */
  @Param({"16x256x256", "16x256x512"})
  public String size;

  /** Which rows. */
  @Param({"EACH", "CYCLE"})
  public Add.Rows rows;

  public AddRowsBenchmark() {
    super("F x T x C", 1, 2 * Float.BYTES);
  }

  @Override
  String size() {
    return size;
  }

  @Override
  public String shape() {
    return super.shape() + ", " + rows;
  }

  @Override
  Runnable call(int[] extents) {
    Add add = kernel(Add.class);
    Tensor a = normal(extents[0] * extents[1], extents[2]);
    Tensor few = normal(rows == Add.Rows.EACH ? extents[0] : extents[1], extents[2]);
    Tensor out = empty(extents[0] * extents[1], extents[2]);
    return () -> add.run(a, few, rows, out);
  }
}
