package dev.orrery.benchmarks;

import dev.orrery.kernels.elementwise.Modulation;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Param;

/** {@link Modulation} of a block, with a timestep for each of three latent frames. */
public class ModulationBenchmark extends MemoryBoundBenchmark {
  /** N x F x C. */
  @Param({"6x3x1536", "6x4x3072"})
  public String size;

  public ModulationBenchmark() {
    super("N x F x C", 1, 2 * Float.BYTES);
  }

  @Override
  String size() {
    return size;
  }

  @Override
  Runnable call(int[] extents) {
    Modulation modulation = kernel(Modulation.class);
    Tensor table = normal(extents[0], extents[2]);
    Tensor embedding = normal(extents);
    Tensor out = empty(extents);
    return () -> modulation.run(table, embedding, out);
  }
}
