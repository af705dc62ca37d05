package dev.orrery.benchmarks;

import dev.orrery.kernels.layout.GatherRows;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Param;

/** {@link GatherRows} of the embeddings of one frame's tokens, and of sixteen frames'. */
public class GatherRowsBenchmark extends MemoryBoundBenchmark {
  /** Rows of each of 1xgpt's two tables. */
  private static final int ROWS = 512;

  /** T x C. */
  @Param({"256x256", "4096x256"})
  public String size;

  public GatherRowsBenchmark() {
    super("T x C", 0, 2 * Float.BYTES);
  }

  @Override
  String size() {
    return size;
  }

  @Override
  Runnable call(int[] extents) {
    GatherRows gather = kernel(GatherRows.class);
    Tensor table = normal(ROWS, extents[1]);
    Tensor ids = ids(ROWS, extents[0]);
    Tensor out = empty(extents);
    return () -> gather.run(table, ids, out);
  }
}
