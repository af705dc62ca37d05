package dev.orrery.kernels.conv;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.kernels.tornado.Grid;
import dev.orrery.kernels.tornado.KernelCode;
import dev.orrery.kernels.tornado.StoredFloat;
import dev.orrery.kernels.tornado.TornadoDevice;
import dev.orrery.kernels.tornado.TornadoKernel;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.ShortArray;

/**
 * Convolutions as products: the rows are the output's pixels, the columns its channels, and what is
 * summed over are the positions of the kernel with the input's channels, k = (tap, input channel).
 * A group of 16x16 threads makes a tile of the result, an element a thread. It walks along k in
 * steps of 64, for which it brings a tile of each operand into local memory; the sum of 16 products
 * is added to the total, so that rounding grows with k / 16. No matrix of patches is formed: a
 * value is looked for in the frames when its tile is loaded.
 */
abstract class ConvTornado extends TornadoKernel {
  private static final KernelCode CONV = KernelCode.cooperative(ConvTornado::conv);

  /** Edge of a tile, a constant of the kernel. */
  private static final int TILE = 16;

  /** How much of the operands is in local memory at once: barriers cost more than memory. */
  private static final int DEPTH = 64;

  ConvTornado(TornadoDevice device) {
    super(device);
  }

  /**
   * Convolves the frames of the history and of x.
   *
   * @param history null if there are none
   * @param bias null for zeros
   */
  final void launchConv(
      ConvGeometry geometry, Tensor history, Tensor x, Tensor weight, Tensor bias, Tensor out) {
    requireVector("bias", bias);
    int outChannels = out.size(3);
    int pixels = Math.toIntExact((long) out.size(0) * out.size(1) * out.size(2));
    StoredWeight stored = stored(weight, x);
    device()
        .run(
            CONV,
            // Pixels are many: some devices allow 65535 groups along the second axis.
            new Grid(Math.ceilDiv(pixels, TILE), Math.ceilDiv(outChannels, TILE), TILE, TILE),
            new int[] {
              history == null ? 0 : history.size(0),
              x.size(1),
              x.size(2),
              x.size(3),
              geometry.kernelRows(),
              geometry.kernelColumns(),
              geometry.timeStride(),
              geometry.stride(),
              geometry.top(),
              geometry.left(),
              geometry.taps() * x.size(3),
              pixels,
              out.size(1),
              out.size(2),
              outChannels,
              stored.format(),
              flag(bias != null),
              flag(geometry.edge() == Edge.REPEATED)
            },
            NO_FLOATS,
            orElse(history, x),
            x,
            stored.fp32(),
            stored.sixteen(),
            orElse(bias, x),
            out);
  }

  /** The kernel; public for TornadoVM, which compiles it. */
  public static void conv(
      KernelContext context,
      IntArray ints,
      FloatArray floats,
      FloatArray history,
      FloatArray x,
      FloatArray weight,
      ShortArray weight16,
      FloatArray bias,
      FloatArray out) {
    int depth = ints.get(16);
    int pixels = ints.get(17);
    int outRows = ints.get(18);
    int outColumns = ints.get(19);
    int outChannels = ints.get(20);
    int format = ints.get(21);
    float[] xs = context.allocateFloatLocalArray(TILE * DEPTH);
    float[] weights = context.allocateFloatLocalArray(DEPTH * TILE);
    int i = context.localIdx;
    int j = context.localIdy;
    int pixel = context.groupIdx * TILE + j;
    int channel = context.groupIdy * TILE + i;
    // Where the kernel lies for this pixel: its first frame, row and column in the input.
    int frame = pixel / outColumns / outRows * ints.get(12);
    int row = pixel / outColumns % outRows * ints.get(13) - ints.get(14);
    int column = pixel % outColumns * ints.get(13) - ints.get(15);
    float total = 0f;
    for (int k = 0; k < depth; k += DEPTH) {
      for (int part = 0; part < DEPTH; part += TILE) {
        int ofX = k + part + i;
        float value = 0f;
        if (pixel < pixels && ofX < depth) {
          value = input(ints, history, x, frame, row, column, ofX);
        }
        xs[j * DEPTH + part + i] = value;
        int ofWeight = k + part + j;
        float other = 0f;
        if (channel < outChannels && ofWeight < depth) {
          int at = ofWeight * outChannels + channel;
          if (format == StoredFloat.FP32) {
            other = weight.get(ints.get(2) + at);
          } else {
            other = StoredFloat.widen(weight16.get(ints.get(3) + at), format);
          }
        }
        weights[(part + j) * TILE + i] = other;
      }
      context.localBarrier();
      for (int part = 0; part < DEPTH; part += TILE) {
        float sum = 0f;
        for (int step = part; step < part + TILE; step++) {
          sum += xs[j * DEPTH + step] * weights[step * TILE + i];
        }
        total += sum;
      }
      context.localBarrier();
    }
    if (pixel < pixels && channel < outChannels) {
      if (ints.get(22) != 0) {
        total += bias.get(ints.get(4) + channel);
      }
      out.set(ints.get(5) + pixel * outChannels + channel, total);
    }
  }

  /** What is multiplied by weight k of a kernel that lies here. */
  private static float input(
      IntArray ints,
      FloatArray history,
      FloatArray x,
      int firstFrame,
      int firstRow,
      int firstColumn,
      int k) {
    int historyFrames = ints.get(6);
    int rows = ints.get(7);
    int columns = ints.get(8);
    int channels = ints.get(9);
    int kernelRows = ints.get(10);
    int kernelColumns = ints.get(11);
    int tap = k / channels;
    int line = tap / kernelColumns;
    int frame = firstFrame + line / kernelRows;
    int row = firstRow + line % kernelRows;
    int column = firstColumn + tap % kernelColumns;
    float value = 0f;
    if (ints.get(23) != 0) {
      row = nearest(row, rows);
      column = nearest(column, columns);
    }
    if (row >= 0 && row < rows && column >= 0 && column < columns) {
      int within = (row * columns + column) * channels + k % channels;
      int frameSize = rows * columns * channels;
      if (frame < historyFrames) {
        value = history.get(ints.get(0) + frame * frameSize + within);
      } else {
        value = x.get(ints.get(1) + (frame - historyFrames) * frameSize + within);
      }
    }
    return value;
  }

  /** The row or column of a frame that is nearest to one which may lie outside. */
  private static int nearest(int place, int size) {
    int inside = place;
    if (place < 0) {
      inside = 0;
    }
    if (place >= size) {
      inside = size - 1;
    }
    return inside;
  }
}
