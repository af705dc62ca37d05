package dev.orrery.kernels.elementwise;

import static dev.orrery.kernels.cpu.SimdTile.LANES;
import static dev.orrery.kernels.cpu.SimdTile.SPECIES;

import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.ElementPass;
import dev.orrery.kernels.tensor.Tensor;
import jdk.incubator.vector.FloatVector;

/** Vector API. */
public final class AddSimd implements Add {
  private final CpuThreads threads;

  public AddSimd(CpuThreads threads) {
    this.threads = threads;
  }

  @Override
  public void launch(Tensor a, Tensor b, Tensor out) {
    ElementPass.run(threads, a, b, out, AddSimd::add);
  }

  private static void add(float[] a, float[] b, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector.fromArray(SPECIES, a, i)
          .add(FloatVector.fromArray(SPECIES, b, i))
          .intoArray(a, i);
    }
  }
}
