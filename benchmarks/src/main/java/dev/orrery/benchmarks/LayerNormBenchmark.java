package dev.orrery.benchmarks;

import dev.orrery.kernels.norm.LayerNorm;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** {@link LayerNorm} of the tokens of a chunk. */
public class LayerNormBenchmark extends MemoryBoundBenchmark {
  /** R x C. */
  @Param("2640x1536")
  public String size;

  private LayerNorm layerNorm;
  private Tensor x;
  private Tensor weight;
  private Tensor bias;
  private Tensor out;

  @Override
  void prepare() {
    int[] extents = Sizes.parse(size);
    layerNorm = kernel(LayerNorm.class);
    x = normal(extents);
    weight = normal(extents[1]);
    bias = normal(extents[1]);
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
    layerNorm.run(x, weight, bias, 1e-6, out);
    return out;
  }
}
