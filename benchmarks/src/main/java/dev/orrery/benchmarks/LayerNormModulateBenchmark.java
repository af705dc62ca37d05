package dev.orrery.benchmarks;

import dev.orrery.kernels.norm.LayerNormModulate;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** {@link LayerNormModulate} of the tokens of three latent frames. */
public class LayerNormModulateBenchmark extends MemoryBoundBenchmark {
  /** T x C. */
  @Param("2640x1536")
  public String size;

  private LayerNormModulate layerNormModulate;
  private Tensor x;
  private Tensor shift;
  private Tensor scale;
  private Tensor out;

  @Override
  void prepare() {
    int[] extents = Sizes.parse(size);
    layerNormModulate = kernel(LayerNormModulate.class);
    x = normal(extents);
    shift = normal(3, extents[1]);
    scale = normal(3, extents[1]);
    out = empty(extents);
  }

  @Override
  public String shape() {
    return Sizes.show("T x C", size);
  }

  @Override
  public double bytes() {
    return 2 * Sizes.bytes(size);
  }

  @Benchmark
  public Tensor run() {
    layerNormModulate.run(x, shift, scale, 1e-6, out);
    return out;
  }
}
