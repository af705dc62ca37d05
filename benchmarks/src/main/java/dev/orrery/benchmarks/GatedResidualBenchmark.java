package dev.orrery.benchmarks;

import dev.orrery.kernels.elementwise.GatedResidual;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** {@link GatedResidual} of the tokens of three latent frames. */
public class GatedResidualBenchmark extends MemoryBoundBenchmark {
  /** T x C. */
  @Param("2640x1536")
  public String size;

  private GatedResidual gatedResidual;
  private Tensor x;
  private Tensor y;
  private Tensor gate;
  private Tensor out;

  @Override
  void prepare() {
    int[] extents = Sizes.parse(size);
    gatedResidual = kernel(GatedResidual.class);
    x = normal(extents);
    y = normal(extents);
    gate = normal(3, extents[1]);
    out = empty(extents);
  }

  @Override
  public String shape() {
    return Sizes.show("T x C", size);
  }

  @Override
  public double bytes() {
    return 3 * Sizes.bytes(size);
  }

  @Benchmark
  public Tensor run() {
    gatedResidual.run(x, y, gate, out);
    return out;
  }
}
