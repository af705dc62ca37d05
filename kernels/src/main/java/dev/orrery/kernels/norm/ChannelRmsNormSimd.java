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
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;

/** Vector API. The squares of a pixel are summed in fp32, so they must stay below 3e38. */
public final class ChannelRmsNormSimd extends CpuKernel implements ChannelRmsNorm {
  /** Values of a block, two of which fit in L1. */
  private static final int BLOCK = 2048;

  /** Blocks of an item of work. */
  private static final int ITEM_BLOCKS = 16;

  private static final Scratch.Floats GAMMAS = new Scratch.Floats();

  /** Two blocks in a thread's own scratch. */
  private static final Scratch.Floats VALUES = new Scratch.Floats();

  private static final Scratch.Floats NEXT = new Scratch.Floats();

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

  /**
   * Block after block in an array: while the activation of one is computed and stored, the next one
   * is read from memory.
   */
  private void silu(Tensor x, int channels, float[] gammas, Tensor out) {
    MemorySegment from = x.segment();
    MemorySegment to = out.segment();
    int block = Math.max(1, BLOCK / channels);
    int pixels = x.size(0);
    int item = ITEM_BLOCKS * block;
    RowPass.split(
        threads,
        x.elements(),
        item * channels,
        (index, scratch) -> {
          float[] values = scratch.floats(VALUES, block * channels);
          float[] next = scratch.floats(NEXT, block * channels);
          int first = index * item;
          int end = Math.min(pixels, first + item);
          read(from, first, Math.min(block, end - first), channels, values);
          for (int pixel = first; pixel < end; pixel += block) {
            int count = Math.min(block, end - pixel);
            int left = Math.min(block, end - pixel - count);
            normalize(values, count, channels, gammas);
            long at = 4L * pixel * channels;
            long nextAt = left == count ? at + 4L * count * channels : at;
            silu(values, count * channels, to, at, from, nextAt, next);
            if (left < count) {
              read(from, pixel + count, left, channels, next);
            }
            float[] done = values;
            values = next;
            next = done;
          }
        });
  }

  private static void read(MemorySegment x, int pixel, int pixels, int channels, float[] to) {
    long at = 4L * pixel * channels;
    MemorySegment.copy(x, ValueLayout.JAVA_FLOAT_UNALIGNED, at, to, 0, pixels * channels);
  }

  private static void silu(
      float[] values,
      int count,
      MemorySegment out,
      long at,
      MemorySegment x,
      long nextAt,
      float[] next) {
    for (int i = 0; i < count; i += LANES) {
      Lanes.load(x, nextAt + 4L * i).intoArray(next, i);
      FloatVector y = FloatVector.fromArray(SPECIES, values, i);
      Lanes.store(VectorMath.silu(y), out, at + 4L * i);
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
