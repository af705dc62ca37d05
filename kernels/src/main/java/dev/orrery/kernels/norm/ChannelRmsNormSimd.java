package dev.orrery.kernels.norm;

import static dev.orrery.kernels.cpu.SimdTile.LANES;
import static dev.orrery.kernels.cpu.SimdTile.SPECIES;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.Lanes;
import dev.orrery.kernels.cpu.RowPass;
import dev.orrery.kernels.cpu.Scratch;
import dev.orrery.kernels.cpu.VectorMath;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.linear.ActivationSimd;
import dev.orrery.kernels.tensor.Tensor;
import jdk.incubator.vector.FloatVector;

/** Vector API. The squares of a pixel are summed in fp32, so they must stay below 3e38. */
public final class ChannelRmsNormSimd extends CpuKernel implements ChannelRmsNorm {
  private static final Scratch.Floats GAMMAS = new Scratch.Floats();

  public ChannelRmsNormSimd(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(Tensor x, Tensor gamma, Activation activation, Tensor out) {
    int channels = x.size(1);
    synchronized (threads) {
      float[] gammas = RowPass.widen(gamma, threads.shared(), GAMMAS);
      RowPass.arrays(threads, x, channels, out, row(channels, gammas, activation));
    }
  }

  /**
   * The row function of an activation. Each is a function of its own: where one function branches
   * on the activation, the rarer branch is compiled with calls in its loop, which allocate vectors
   * and take twice as long.
   */
  private static RowPass.ArrayRow row(int channels, float[] gammas, Activation activation) {
    return switch (activation) {
      case NONE -> (values, pixel) -> normalize(values, channels, gammas);
      case SILU ->
          (values, pixel) -> {
            normalize(values, channels, gammas);
            silu(values, channels);
          };
      default ->
          (values, pixel) -> {
            normalize(values, channels, gammas);
            gelu(values, channels, activation);
          };
    };
  }

  private static void normalize(float[] values, int channels, float[] gammas) {
    double length = Math.sqrt(squares(values, channels));
    scale(values, channels, (float) (Math.sqrt(channels) / Math.max(length, MIN_LENGTH)), gammas);
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
