package dev.orrery.kernels.image;

import dev.orrery.kernels.cpu.CpuKernel;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Sixteen weighted pixels for every output, accumulated in double. Both CPU backends list it, since
 * a session resizes one image.
 */
public final class ResizeBicubicCpu extends CpuKernel implements ResizeBicubic {
  /** The a of the cubic convolution, as PyTorch sets it. */
  private static final double SHARPNESS = -0.75;

  private static final int TAPS = 4;

  public ResizeBicubicCpu(CpuThreads threads) {
    super(threads);
  }

  @Override
  public void launch(Tensor x, Tensor out) {
    int channels = x.size(2);
    int outColumns = out.size(1);
    Axis rows = Axis.of(x.size(0), out.size(0));
    Axis columns = Axis.of(x.size(1), outColumns);
    MemorySegment from = x.segment();
    MemorySegment to = out.segment();
    threads.forEach(
        out.size(0),
        (row, scratch) -> {
          for (int i = 0; i < outColumns * channels; i++) {
            double sum = 0;
            for (int b = 0; b < TAPS; b++) {
              long sourceRow = (long) rows.pixel(row, b) * x.size(1);
              double rowSum = 0;
              for (int c = 0; c < TAPS; c++) {
                long pixel = sourceRow + columns.pixel(i / channels, c);
                float value =
                    from.getAtIndex(
                        ValueLayout.JAVA_FLOAT_UNALIGNED, pixel * channels + i % channels);
                rowSum += columns.weight(i / channels, c) * value;
              }
              sum += rows.weight(row, b) * rowSum;
            }
            long target = (long) row * outColumns * channels + i;
            to.setAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, target, (float) sum);
          }
        });
  }

  /**
   * The four weighted pixels of every output along one axis.
   *
   * @param pixels {@link #TAPS} pixels of each output
   * @param weights and their weights
   */
  private record Axis(int[] pixels, double[] weights) {
    static Axis of(int size, int outSize) {
      Axis axis = new Axis(new int[TAPS * outSize], new double[TAPS * outSize]);
      for (int o = 0; o < outSize; o++) {
        double source = (o + 0.5) * size / outSize - 0.5;
        int left = (int) Math.floor(source);
        for (int tap = 0; tap < TAPS; tap++) {
          int pixel = left - 1 + tap;
          axis.pixels[TAPS * o + tap] = Math.clamp(pixel, 0, size - 1);
          axis.weights[TAPS * o + tap] = cubic(Math.abs(source - pixel));
        }
      }
      return axis;
    }

    int pixel(int o, int tap) {
      return pixels[TAPS * o + tap];
    }

    double weight(int o, int tap) {
      return weights[TAPS * o + tap];
    }

    /** Keys's kernel at a distance below two pixels. */
    private static double cubic(double d) {
      if (d <= 1) {
        return ((SHARPNESS + 2) * d - (SHARPNESS + 3)) * d * d + 1;
      }
      return ((SHARPNESS * d - 5 * SHARPNESS) * d + 8 * SHARPNESS) * d - 4 * SHARPNESS;
    }
  }
}
