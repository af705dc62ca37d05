package dev.orrery.benchmarks;

import dev.orrery.kernels.norm.LayerNormModulate;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Param;

/** {@link LayerNormModulate} of the tokens of three latent frames. */
public class LayerNormModulateBenchmark extends MemoryBoundBenchmark {
  /** T x C. */
  @Param("2640x1536")
  public String size;

  public LayerNormModulateBenchmark() {
    super("T x C", 8, 2 * Float.BYTES);
  }

  @Override
  String size() {
    return size;
  }

  @Override
  Runnable call(int[] extents) {
    LayerNormModulate layerNormModulate = kernel(LayerNormModulate.class);
    Tensor x = normal(extents);
    Tensor shift = normal(3, extents[1]);
    Tensor scale = normal(3, extents[1]);
    Tensor out = empty(extents);
    return () -> layerNormModulate.run(x, shift, scale, 1e-6, out);
  }
}
