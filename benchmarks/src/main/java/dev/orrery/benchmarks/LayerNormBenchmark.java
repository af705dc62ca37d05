package dev.orrery.benchmarks;

import dev.orrery.kernels.norm.LayerNorm;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Param;

/** {@link LayerNorm} of the tokens of a chunk. */
public class LayerNormBenchmark extends MemoryBoundBenchmark {
  /** R x C. */
  @Param("2640x1536")
  public String size;

  public LayerNormBenchmark() {
    super("R x C", 8, 2 * Float.BYTES);
  }

  @Override
  String size() {
    return size;
  }

  @Override
  Runnable call(int[] extents) {
    LayerNorm layerNorm = kernel(LayerNorm.class);
    Tensor x = normal(extents);
    Tensor weight = normal(extents[1]);
    Tensor bias = normal(extents[1]);
    Tensor out = empty(extents);
    return () -> layerNorm.run(x, weight, bias, 1e-6, out);
  }
}
