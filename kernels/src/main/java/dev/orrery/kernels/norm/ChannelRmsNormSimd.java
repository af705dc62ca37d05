package dev.orrery.kernels.norm;

import static dev.orrery.kernels.cpu.SimdTile.LANES;
import static dev.orrery.kernels.cpu.SimdTile.SPECIES;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.Lanes;
import dev.orrery.kernels.cpu.RowPass;
import dev.orrery.kernels.cpu.Scratch;
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
    int padded = RowPass.padded(channels);
    synchronized (threads) {
      float[] gammas = RowPass.widen(gamma, threads.shared(), GAMMAS);
      RowPass.arrays(
          threads,
          x,
          channels,
          out,
          (values, first, pixels) -> {
            normalize(values, pixels, channels, gammas);
            ActivationSimd.apply(activation, values, 0, pixels * padded);
          });
    }
  }

  private static void normalize(float[] values, int pixels, int channels, float[] gammas) {
    int padded = RowPass.padded(channels);
    double root = Math.sqrt(channels);
    for (int at = 0; at < pixels * padded; at += padded) {
      double length = Math.sqrt(squares(values, at, padded));
      scale(values, at, padded, (float) (root / Math.max(length, MIN_LENGTH)), gammas);
    }
  }

  private static float squares(float[] values, int at, int padded) {
    FloatVector even = FloatVector.zero(SPECIES);
    FloatVector odd = FloatVector.zero(SPECIES);
    int i = at;
    for (; i < at + padded - LANES; i += 2 * LANES) {
      FloatVector x = FloatVector.fromArray(SPECIES, values, i);
      FloatVector y = FloatVector.fromArray(SPECIES, values, i + LANES);
      even = x.fma(x, even);
      odd = y.fma(y, odd);
    }
    if (i < at + padded) {
      FloatVector last = FloatVector.fromArray(SPECIES, values, i);
      even = last.fma(last, even);
    }
    return Lanes.sum(even.add(odd));
  }

  private static void scale(float[] values, int at, int padded, float scale, float[] gammas) {
    for (int i = 0; i < padded; i += LANES) {
      FloatVector gamma = FloatVector.fromArray(SPECIES, gammas, i);
      FloatVector x = FloatVector.fromArray(SPECIES, values, at + i);
      x.mul(scale).mul(gamma).intoArray(values, at + i);
    }
  }
}
