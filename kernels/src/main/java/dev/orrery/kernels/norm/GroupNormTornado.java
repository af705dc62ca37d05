package dev.orrery.kernels.norm;

import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.linear.ActivationTornado;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.kernels.tornado.Grid;
import dev.orrery.kernels.tornado.KernelCode;
import dev.orrery.kernels.tornado.RowSum;
import dev.orrery.kernels.tornado.TornadoDevice;
import dev.orrery.kernels.tornado.TornadoKernel;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Three kernels: a thread finds the moments of a channel in a block of positions, a group of
 * threads puts those of a group of channels together, and a thread normalizes an element. Between
 * them lie, in scratch memory of the device, three numbers for each channel of each block: its mean
 * there, and the sum and the squares of the distances from it; and three for each channel of each
 * picture: a mean, a factor and a summand.
 */
public final class GroupNormTornado extends TornadoKernel implements GroupNorm {
  private static final KernelCode MOMENTS = KernelCode.parallel(GroupNormTornado::blockMoments);
  private static final KernelCode PARAMETERS =
      KernelCode.cooperative(GroupNormTornado::groupParameters);
  private static final KernelCode NORMALIZE = KernelCode.parallel(GroupNormTornado::groupNorm);

  /** Positions of a block, which one thread adds up, unless there were too many blocks then. */
  private static final int BLOCK_ROWS = 32;

  private static final int MOST_BLOCKS = 1024;

  public GroupNormTornado(TornadoDevice device) {
    super(device);
  }

  @Override
  public void launch(
      Tensor x,
      int groups,
      Tensor weight,
      Tensor bias,
      double eps,
      Activation activation,
      Tensor out) {
    requireVector("weight", weight);
    requireVector("bias", bias);
    if (x.elements() == 0) {
      return;
    }
    int pictures = x.size(0);
    int positions = x.size(1);
    int channels = x.size(2);
    int rows = Math.max(BLOCK_ROWS, Math.ceilDiv(positions, MOST_BLOCKS));
    int blocks = Math.ceilDiv(positions, rows);
    int partialCount = Math.multiplyExact(pictures * blocks, channels);
    int affineCount = pictures * channels;
    int count = Math.toIntExact(x.elements());
    // Other threads' calls get the same scratch, and have to wait.
    synchronized (device()) {
      Tensor scratch = device().scratch(3L * partialCount + 3L * affineCount);
      Tensor partials = scratch.slice(0, 3L * partialCount);
      Tensor affine = scratch.slice(3L * partialCount, scratch.size(0));
      device()
          .run(
              MOMENTS,
              partialCount,
              new int[] {partialCount, positions, channels, rows, blocks},
              NO_FLOATS,
              x,
              partials);
      device()
          .run(
              PARAMETERS,
              new Grid(groups, pictures, RowSum.THREADS, 1),
              new int[] {partialCount, affineCount, positions, channels, groups, rows, blocks},
              new float[] {(float) eps},
              partials,
              weight,
              bias,
              affine);
      device()
          .run(
              NORMALIZE,
              count,
              new int[] {count, affineCount, positions, channels, activation.code()},
              NO_FLOATS,
              x,
              affine,
              out);
    }
  }

  /** A kernel; public for TornadoVM, which compiles it. */
  public static void blockMoments(
      IntArray ints, FloatArray floats, FloatArray x, FloatArray partials) {
    int xAt = ints.get(0);
    int partialsAt = ints.get(1);
    int count = ints.get(2);
    int positions = ints.get(3);
    int channels = ints.get(4);
    int blockRows = ints.get(5);
    int blocks = ints.get(6);
    for (@Parallel int i = 0; i < count; i++) {
      int channel = i % channels;
      int block = i / channels % blocks;
      int picture = i / channels / blocks;
      int first = block * blockRows;
      int left = positions - first;
      int rows = left < blockRows ? left : blockRows;
      int at = xAt + (picture * positions + first) * channels + channel;
      float values = 0f;
      for (int row = 0; row < rows; row++) {
        values += x.get(at + row * channels);
      }
      float mean = values / rows;
      float distances = 0f;
      float squares = 0f;
      for (int row = 0; row < rows; row++) {
        float distance = x.get(at + row * channels) - mean;
        distances += distance;
        squares += distance * distance;
      }
      partials.set(partialsAt + i, mean);
      partials.set(partialsAt + count + i, distances);
      partials.set(partialsAt + 2 * count + i, squares);
    }
  }

  /** A kernel; public for TornadoVM, which compiles it. */
  public static void groupParameters(
      KernelContext context,
      IntArray ints,
      FloatArray floats,
      FloatArray partials,
      FloatArray weight,
      FloatArray bias,
      FloatArray affine) {
    float[] shared = context.allocateFloatLocalArray(RowSum.THREADS);
    int count = ints.get(4);
    int affineCount = ints.get(5);
    int positions = ints.get(6);
    int channels = ints.get(7);
    int blockRows = ints.get(9);
    int blocks = ints.get(10);
    int width = channels / ints.get(8);
    int first = context.groupIdx * width;
    int partialsAt = ints.get(0) + context.groupIdy * blocks * channels + first;
    // Relative to the first block's mean, so that a large one does not hide the differences.
    float origin = partials.get(partialsAt);
    float sum = 0f;
    for (int i = context.localIdx; i < blocks * width; i += RowSum.THREADS) {
      int at = partialsAt + i / width * channels + i % width;
      int left = positions - i / width * blockRows;
      int rows = left < blockRows ? left : blockRows;
      sum += (partials.get(at) - origin) * rows + partials.get(at + count);
    }
    float values = (float) positions * width;
    float beyond = RowSum.of(context, shared, sum) / values;
    float squares = 0f;
    for (int i = context.localIdx; i < blocks * width; i += RowSum.THREADS) {
      int at = partialsAt + i / width * channels + i % width;
      int left = positions - i / width * blockRows;
      int rows = left < blockRows ? left : blockRows;
      // The squares about the mean of the group: sum of (distance + shift)^2.
      float shift = partials.get(at) - origin - beyond;
      float twice = 2f * partials.get(at + count) + shift * rows;
      squares += partials.get(at + 2 * count) + shift * twice;
    }
    float variance = TornadoMath.max(RowSum.of(context, shared, squares) / values, 0f);
    float deviation = TornadoMath.sqrt(variance + floats.get(0));
    float mean = origin + beyond;
    // What fp32 does not hold of the mean.
    float rest = beyond - (mean - origin);
    for (int i = context.localIdx; i < width; i += RowSum.THREADS) {
      int channel = first + i;
      int at = ints.get(3) + context.groupIdy * channels + channel;
      float factor = weight.get(ints.get(1) + channel) / deviation;
      affine.set(at, mean);
      affine.set(at + affineCount, factor);
      affine.set(at + 2 * affineCount, bias.get(ints.get(2) + channel) - rest * factor);
    }
  }

  /** A kernel; public for TornadoVM, which compiles it. */
  public static void groupNorm(
      IntArray ints, FloatArray floats, FloatArray x, FloatArray affine, FloatArray out) {
    int xAt = ints.get(0);
    int affineAt = ints.get(1);
    int outAt = ints.get(2);
    int count = ints.get(3);
    int affineCount = ints.get(4);
    int positions = ints.get(5);
    int channels = ints.get(6);
    int activation = ints.get(7);
    for (@Parallel int i = 0; i < count; i++) {
      int at = affineAt + i / channels / positions * channels + i % channels;
      float distance = x.get(xAt + i) - affine.get(at);
      float value = distance * affine.get(at + affineCount) + affine.get(at + 2 * affineCount);
      out.set(outAt + i, ActivationTornado.apply(value, activation));
    }
  }
}
