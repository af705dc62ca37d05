package dev.orrery.kernels.elementwise;

import static dev.orrery.kernels.cpu.SimdTile.LANES;
import static dev.orrery.kernels.cpu.SimdTile.SPECIES;

import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.ElementPass;
import dev.orrery.kernels.cpu.VectorMath;
import dev.orrery.kernels.tensor.Tensor;
import jdk.incubator.vector.FloatVector;

/** Vector API. */
public final class SiluSimd implements Silu {
  private final CpuThreads threads;

  public SiluSimd(CpuThreads threads) {
    this.threads = threads;
  }

  @Override
  public void launch(Tensor x, Tensor out) {
    ElementPass.run(threads, x, out, SiluSimd::silu);
  }

  private static void silu(float[] values, int count) {
    for (int i = 0; i < count; i += LANES) {
      VectorMath.silu(FloatVector.fromArray(SPECIES, values, i)).intoArray(values, i);
    }
  }
}
