package dev.orrery.kernels.norm;

import static dev.orrery.kernels.cpu.SimdTile.LANES;
import static dev.orrery.kernels.cpu.SimdTile.SPECIES;

import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.RowPass;
import dev.orrery.kernels.cpu.RowSum;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.linear.ActivationSimd;
import dev.orrery.kernels.tensor.Tensor;
import jdk.incubator.vector.FloatVector;

/** Vector API. The squares of a pixel are summed in fp32, so they must stay below 3e38. */
public final class ChannelRmsNormSimd implements ChannelRmsNorm {
  private final CpuThreads threads;

  public ChannelRmsNormSimd(CpuThreads threads) {
    this.threads = threads;
  }

  @Override
  public void launch(Tensor x, Tensor gamma, Activation activation, Tensor out) {
    int channels = x.size(1);
    double root = Math.sqrt(channels);
    synchronized (threads) {
      float[] gammas = RowPass.widen(gamma, threads.shared(), 0);
      RowPass.run(
          threads,
          x,
          channels,
          out,
          (values, at, pixel, scratch) -> {
            double length = Math.sqrt(RowSum.squares(values, at, channels));
            float scale = (float) (root / Math.max(length, MIN_LENGTH));
            scale(values, at, channels, scale, gammas, activation);
          });
    }
  }

  private static void scale(
      float[] values, int at, int channels, float scale, float[] gammas, Activation activation) {
    for (int i = 0; i < channels; i += LANES) {
      FloatVector scaled =
          FloatVector.fromArray(SPECIES, values, at + i)
              .mul(scale)
              .mul(FloatVector.fromArray(SPECIES, gammas, i));
      ActivationSimd.apply(activation, scaled).intoArray(values, at + i);
    }
  }
}
