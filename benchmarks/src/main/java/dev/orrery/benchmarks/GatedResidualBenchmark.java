package dev.orrery.benchmarks;

import dev.orrery.kernels.elementwise.GatedResidual;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Param;

/** {@link GatedResidual} of the tokens of three latent frames. */
public class GatedResidualBenchmark extends MemoryBoundBenchmark {
  /** T x C. */
  @Param("2640x1536")
  public String size;

  public GatedResidualBenchmark() {
    super("T x C", 2, 3 * Float.BYTES);
  }

  @Override
  String size() {
    return size;
  }

  @Override
  Runnable call(int[] extents) {
    GatedResidual gatedResidual = kernel(GatedResidual.class);
    Tensor x = normal(extents);
    Tensor y = normal(extents);
    Tensor gate = normal(3, extents[1]);
    Tensor out = empty(extents);
    return () -> gatedResidual.run(x, y, gate, out);
  }
}
