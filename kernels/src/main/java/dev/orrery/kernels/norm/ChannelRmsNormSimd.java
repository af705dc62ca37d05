package dev.orrery.kernels.norm;

import static dev.orrery.kernels.cpu.SimdTile.LANES;
import static dev.orrery.kernels.cpu.SimdTile.SPECIES;

import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.Lanes;
import dev.orrery.kernels.cpu.RowPass;
import dev.orrery.kernels.cpu.VectorMath;
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
      RowPass.arrays(
          threads,
          x,
          channels,
          out,
          (values, pixel) -> {
            double length = Math.sqrt(squares(values, channels));
            scale(values, channels, (float) (root / Math.max(length, MIN_LENGTH)), gammas);
            activate(values, channels, activation);
          });
    }
  }

  private static float squares(float[] values, int channels) {
    FloatVector sum = FloatVector.zero(SPECIES);
    for (int i = 0; i < channels; i += LANES) {
      FloatVector x = FloatVector.fromArray(SPECIES, values, i);
      sum = x.fma(x, sum);
    }
    return Lanes.sum(sum);
  }

  private static void scale(float[] values, int channels, float scale, float[] gammas) {
    for (int i = 0; i < channels; i += LANES) {
      FloatVector gamma = FloatVector.fromArray(SPECIES, gammas, i);
      FloatVector.fromArray(SPECIES, values, i).mul(scale).mul(gamma).intoArray(values, i);
    }
  }

  private static void activate(float[] values, int channels, Activation activation) {
    switch (activation) {
      case NONE -> {}
      case SILU -> silu(values, channels);
      default -> gelu(values, channels, activation);
    }
  }

  /**
   * SiLU has a method of its own, because models use it here: with a choice per vector, or in one
   * method with a branch that is taken more often, C2 leaves calls in the loop and allocates
   * vectors.
   */
  private static void silu(float[] values, int channels) {
    for (int i = 0; i < channels; i += LANES) {
      VectorMath.silu(FloatVector.fromArray(SPECIES, values, i)).intoArray(values, i);
    }
  }

  private static void gelu(float[] values, int channels, Activation activation) {
    for (int i = 0; i < channels; i += LANES) {
      FloatVector y = FloatVector.fromArray(SPECIES, values, i);
      ActivationSimd.apply(activation, y).intoArray(values, i);
    }
  }
}
