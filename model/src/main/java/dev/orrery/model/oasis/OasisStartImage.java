package dev.orrery.model.oasis;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.media.RgbImage;

/**
 * Brings an image of any size into the form that a world starts from. The whole image is stretched,
 * with nothing cut off.
 */
final class OasisStartImage {
  private OasisStartImage() {}

  /** An image in another size, see {@link #resize}, rounded to bytes once, half to even. */
  static RgbImage stretch(RgbImage image, int height, int width) {
    double[] values = resize(image, height, width);
    byte[] out = new byte[values.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = (byte) Math.rint(values[i]);
    }
    return new RgbImage(width, height, out);
  }

  /**
   * Resizes an image bilinearly, averaging over what it shrinks (antialiasing).
   *
   * <p>Source: torchvision's {@code resize} of tensors with {@code antialias=True}. Pillow, and
   * with it {@link dev.orrery.kernels.image.ResizeAntialiased}, rounds to bytes between columns and
   * rows and is one off here and there.
   *
   * @return {@code [height, width, 3]}, 0 to 255
   */
  static double[] resize(RgbImage image, int height, int width) {
    Axis columns = Axis.of(image.width(), width);
    Axis rows = Axis.of(image.height(), height);
    double[][] narrowed = new double[image.height()][];
    double[] out = new double[3 * height * width];
    int done = 0;
    for (int y = 0; y < height; y++) {
      // The windows of rows only ever move on.
      for (; done < rows.first[y]; done++) {
        narrowed[done] = null;
      }
      for (int i = 0; i < rows.weights[y].length; i++) {
        int source = rows.first[y] + i;
        if (narrowed[source] == null) {
          narrowed[source] = narrow(image, source, columns);
        }
        for (int x = 0; x < 3 * width; x++) {
          out[3 * y * width + x] += rows.weights[y][i] * narrowed[source][x];
        }
      }
    }
    return out;
  }

  /** One row of an image with another number of columns. */
  private static double[] narrow(RgbImage image, int row, Axis columns) {
    double[] out = new double[3 * columns.first.length];
    for (int x = 0; x < columns.first.length; x++) {
      double[] weights = columns.weights[x];
      for (int i = 0; i < weights.length; i++) {
        int from = 3 * (row * image.width() + columns.first[x] + i);
        for (int c = 0; c < 3; c++) {
          out[3 * x + c] += weights[i] * (image.rgb()[from + c] & 0xff);
        }
      }
    }
    return out;
  }

  /**
   * Which pixels of an axis make each pixel of the resized one.
   *
   * @param first the first of them
   * @param weights of it and those that follow
   */
  private record Axis(int[] first, double[][] weights) {
    static Axis of(int from, int to) {
      Axis axis = new Axis(new int[to], new double[to][]);
      double scale = (double) from / to;
      double support = Math.max(scale, 1);
      for (int i = 0; i < to; i++) {
        double center = scale * (i + 0.5);
        int begin = Math.max((int) (center - support + 0.5), 0);
        int end = Math.min((int) (center + support + 0.5), from);
        double[] weights = new double[end - begin];
        double sum = 0;
        for (int j = 0; j < weights.length; j++) {
          weights[j] = Math.max(0, 1 - Math.abs(begin + j - center + 0.5) / support);
          sum += weights[j];
        }
        for (int j = 0; j < weights.length; j++) {
          weights[j] /= sum;
        }
        axis.first[i] = begin;
        axis.weights[i] = weights;
      }
      return axis;
    }
  }

  /** {@code [height, width, 3]} on the host, in [-1, 1]. */
  static Tensor normalize(RgbImage image) {
    float[] values = new float[image.rgb().length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (image.rgb()[i] & 0xff) / 255f * 2 - 1;
    }
    return Tensor.of(values, image.height(), image.width(), 3);
  }
}
