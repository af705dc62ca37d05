package dev.orrery.kernels.sampling;

import static dev.orrery.kernels.cpu.SimdTile.LANES;
import static dev.orrery.kernels.cpu.SimdTile.SPECIES;

import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.ElementPass;
import dev.orrery.kernels.tensor.Tensor;
import jdk.incubator.vector.FloatVector;

/** Vector API: the same bits as the reference, hence no fused multiply-add. */
public final class AddNoiseSimd implements AddNoise {
  private final CpuThreads threads;

  public AddNoiseSimd(CpuThreads threads) {
    this.threads = threads;
  }

  @Override
  public void launch(Tensor clean, Tensor noise, float sigma, Tensor out) {
    ElementPass.run(
        threads, clean, noise, out, (values, noises, count) -> mix(values, noises, sigma, count));
  }

  private static void mix(float[] values, float[] noises, float sigma, int count) {
    float keep = 1 - sigma;
    for (int i = 0; i < count; i += LANES) {
      FloatVector added = FloatVector.fromArray(SPECIES, noises, i).mul(sigma);
      FloatVector.fromArray(SPECIES, values, i).mul(keep).add(added).intoArray(values, i);
    }
  }
}
