package dev.orrery.kernels.image;

import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The integer arithmetic of the contract as it stands. Both CPU backends list it: the bytes are
 * prescribed, and a session resizes one picture. The picture between the two passes is a heap array
 * of the call.
 */
public final class ResizeBilinearCpu implements ResizeBilinear {
  private static final int FRACTION_BITS = 22;

  private final CpuThreads threads;

  public ResizeBilinearCpu(CpuThreads threads) {
    this.threads = threads;
  }

  @Override
  public void launch(Tensor x, Tensor out) {
    int rows = x.size(0);
    int columns = x.size(1);
    int channels = x.size(2);
    int outRows = out.size(0);
    int outColumns = out.size(1);
    byte[] pixels = x.segment().toArray(ValueLayout.JAVA_BYTE);
    if (outColumns != columns) {
      pixels = resizeColumns(pixels, rows, columns, channels, outColumns);
    }
    if (outRows != rows) {
      pixels = resizeRows(pixels, rows, outColumns * channels, outRows);
    }
    MemorySegment.copy(pixels, 0, out.segment(), ValueLayout.JAVA_BYTE, 0, pixels.length);
  }

  private byte[] resizeColumns(byte[] pixels, int rows, int columns, int channels, int outColumns) {
    Axis axis = Axis.of(columns, outColumns);
    byte[] resized = new byte[rows * outColumns * channels];
    threads.forEach(
        rows,
        (row, scratch) -> {
          int target = row * outColumns * channels;
          for (int column = 0; column < outColumns; column++) {
            int source = (row * columns + axis.first[column]) * channels;
            for (int channel = 0; channel < channels; channel++) {
              resized[target++] = weigh(pixels, source + channel, channels, axis.weights[column]);
            }
          }
        });
    return resized;
  }

  private byte[] resizeRows(byte[] pixels, int rows, int rowBytes, int outRows) {
    Axis axis = Axis.of(rows, outRows);
    byte[] resized = new byte[outRows * rowBytes];
    threads.forEach(
        outRows,
        (row, scratch) -> {
          int source = axis.first[row] * rowBytes;
          for (int i = 0; i < rowBytes; i++) {
            resized[row * rowBytes + i] = weigh(pixels, source + i, rowBytes, axis.weights[row]);
          }
        });
    return resized;
  }

  private static byte weigh(byte[] pixels, int at, int stride, int[] weights) {
    int sum = 1 << FRACTION_BITS - 1;
    for (int weight : weights) {
      sum += weight * (pixels[at] & 0xff);
      at += stride;
    }
    return (byte) Math.clamp(sum >> FRACTION_BITS, 0, 255);
  }

  /**
   * The weighted pixels of every output along one axis.
   *
   * @param first first pixel
   * @param weights weights of this pixel and those behind it, with {@link #FRACTION_BITS}
   */
  private record Axis(int[] first, int[][] weights) {
    static Axis of(int size, int outSize) {
      Axis axis = new Axis(new int[outSize], new int[outSize][]);
      double scale = (double) size / outSize;
      double support = Math.max(scale, 1);
      for (int o = 0; o < outSize; o++) {
        double center = (o + 0.5) * scale;
        int from = Math.max(0, (int) (center - support + 0.5));
        int to = Math.min(size, (int) (center + support + 0.5));
        axis.first[o] = from;
        axis.weights[o] = weights(from, to, center, support);
      }
      return axis;
    }

    private static int[] weights(int from, int to, double center, double support) {
      double[] exact = new double[to - from];
      double sum = 0;
      for (int i = 0; i < exact.length; i++) {
        exact[i] = Math.max(0, 1 - Math.abs((from + i - center + 0.5) / support));
        sum += exact[i];
      }
      int[] rounded = new int[exact.length];
      for (int i = 0; i < exact.length; i++) {
        rounded[i] = (int) (0.5 + exact[i] / sum * (1 << FRACTION_BITS));
      }
      return rounded;
    }
  }
}
