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
import java.lang.foreign.MemorySegment;
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
      if (activation == Activation.SILU && channels == padded) {
        silu(x, channels, gammas, out);
        return;
      }
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

  /** Stores where it computes the activation, which is then hidden behind what memory takes. */
  private void silu(Tensor x, int channels, float[] gammas, Tensor out) {
    MemorySegment to = out.segment();
    RowPass.arrays(
        threads,
        x,
        channels,
        (values, first, pixels) -> {
          normalize(values, pixels, channels, gammas);
          silu(values, pixels * channels, to, 4L * first * channels);
        });
  }

  private static void silu(float[] values, int count, MemorySegment out, long at) {
    for (int i = 0; i < count; i += LANES) {
      Lanes.store(VectorMath.silu(FloatVector.fromArray(SPECIES, values, i)), out, at + 4L * i);
    }
  }

  private static void normalize(float[] values, int pixels, int channels, float[] gammas) {
    int padded = RowPass.padded(channels);
    double root = Math.sqrt(channels);
    for (int at = 0; at < pixels * padded; at += padded) {
      double length = Math.sqrt(RmsRowSimd.squares(values, at, padded));
      RmsRowSimd.scale(values, at, padded, (float) (root / Math.max(length, MIN_LENGTH)), gammas);
    }
  }
}
