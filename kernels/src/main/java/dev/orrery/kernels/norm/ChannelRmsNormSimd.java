package dev.orrery.kernels.norm;

import static dev.orrery.kernels.cpu.SimdTile.LANES;
import static dev.orrery.kernels.cpu.SimdTile.SPECIES;

import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.Lanes;
import dev.orrery.kernels.cpu.RowPass;
import dev.orrery.kernels.cpu.RowSum;
import dev.orrery.kernels.cpu.VectorMath;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.linear.ActivationSimd;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;
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
          (rows, at, pixel) -> {
            double length = Math.sqrt(RowSum.squares(rows.x(), at, channels));
            float scale = (float) (root / Math.max(length, MIN_LENGTH));
            scale(rows, at, channels, scale, gammas);
            activate(rows.out(), at, channels, activation);
          });
    }
  }

  private static void scale(
      RowPass.Rows rows, long at, int channels, float scale, float[] gammas) {
    for (int i = 0; i < channels; i += LANES) {
      FloatVector gamma = FloatVector.fromArray(SPECIES, gammas, i);
      FloatVector scaled = Lanes.load(rows.x(), at + 4L * i).mul(scale).mul(gamma);
      Lanes.store(scaled, rows.out(), at + 4L * i);
    }
  }

  /** A loop of its own for SiLU, the only one that models use here: a choice per vector makes C2 allocate vectors. */
  private static void activate(MemorySegment out, long at, int channels, Activation activation) {
    switch (activation) {
      case NONE -> {}
      case SILU -> {
        for (int i = 0; i < channels; i += LANES) {
          Lanes.store(VectorMath.silu(Lanes.load(out, at + 4L * i)), out, at + 4L * i);
        }
      }
      default -> {
        for (int i = 0; i < channels; i += LANES) {
          FloatVector y = Lanes.load(out, at + 4L * i);
          Lanes.store(ActivationSimd.apply(activation, y), out, at + 4L * i);
        }
      }
    }
  }
}
