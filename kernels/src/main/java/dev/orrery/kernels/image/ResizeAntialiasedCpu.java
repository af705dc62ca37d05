package dev.orrery.kernels.image;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The integer arithmetic of the contract as it stands. Both CPU backends list it: the bytes are
 * prescribed, and a session resizes one image. The image between the two passes is a heap array of
 * the call.
 */
public final class ResizeAntialiasedCpu extends CpuKernel implements ResizeAntialiased {
  public ResizeAntialiasedCpu(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(Tensor x, ResizeFilter filter, Tensor out) {
    int rows = x.size(0);
    int columns = x.size(1);
    int channels = x.size(2);
    int outRows = out.size(0);
    int outColumns = out.size(1);
    byte[] pixels = x.segment().toArray(ValueLayout.JAVA_BYTE);
    if (outColumns != columns) {
      pixels = resizeColumns(pixels, rows, channels, ResizeAxis.of(filter, columns, outColumns));
    }
    if (outRows != rows) {
      pixels = resizeRows(pixels, outColumns * channels, ResizeAxis.of(filter, rows, outRows));
    }
    MemorySegment.copy(pixels, 0, out.segment(), ValueLayout.JAVA_BYTE, 0, pixels.length);
  }

  private byte[] resizeColumns(byte[] pixels, int rows, int channels, ResizeAxis axis) {
    int outColumns = axis.first().length;
    byte[] resized = new byte[rows * outColumns * channels];
    threads.forEach(
        rows,
        (row, scratch) -> {
          int target = row * outColumns * channels;
          for (int column = 0; column < outColumns; column++) {
            int source = (row * axis.size() + axis.first()[column]) * channels;
            for (int channel = 0; channel < channels; channel++) {
              resized[target++] = weigh(pixels, source + channel, channels, axis.weights()[column]);
            }
          }
        });
    return resized;
  }

  private byte[] resizeRows(byte[] pixels, int rowBytes, ResizeAxis axis) {
    int outRows = axis.first().length;
    byte[] resized = new byte[outRows * rowBytes];
    threads.forEach(
        outRows,
        (row, scratch) -> {
          int source = axis.first()[row] * rowBytes;
          for (int i = 0; i < rowBytes; i++) {
            resized[row * rowBytes + i] = weigh(pixels, source + i, rowBytes, axis.weights()[row]);
          }
        });
    return resized;
  }

  private static byte weigh(byte[] pixels, int at, int stride, int[] weights) {
    int sum = 1 << ResizeAxis.FRACTION_BITS - 1;
    for (int weight : weights) {
      sum += weight * (pixels[at] & 0xff);
      at += stride;
    }
    return (byte) Math.clamp(sum >> ResizeAxis.FRACTION_BITS, 0, 255);
  }
}
