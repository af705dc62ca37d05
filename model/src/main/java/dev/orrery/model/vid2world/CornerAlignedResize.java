package dev.orrery.model.vid2world;

/**
 * Bicubic resize of pictures whose corner pixels stay corner pixels: of n rows that become m, row o
 * is read at {@code o (n - 1) / (m - 1)}, with a = -0.75 and rows outside repeated. A picture that
 * shrinks along an axis is first blurred along both by a Gaussian: of the factor f of an axis its
 * deviation is {@code max((f - 1) / 2, 0.001)} pixels, it has {@code max(4 deviations, 3)} taps,
 * cut off and one more if even, and the edges are mirrored about the edge pixels. Values are not
 * clamped.
 *
 * <p>Source: kornia 0.7.0, {@code resize} with {@code align_corners=True, antialias=True}.
 */
final class CornerAlignedResize {
  private static final double CUBIC = -0.75;
  private static final double LEAST_DEVIATION = 0.001;
  private static final int LEAST_TAPS = 3;

  /** A picture of values {@code [rows, columns, 3]}. */
  private record Picture(float[] values, int rows, int columns) {}

  private CornerAlignedResize() {}

  /**
   * Resizes a picture.
   *
   * @param picture {@code [rows, columns, 3]}
   * @return {@code [outRows, outColumns, 3]}
   * @throws IllegalArgumentException if the blur would reach beyond what can be mirrored
   */
  static float[] resize(float[] picture, int rows, int columns, int outRows, int outColumns) {
    Picture out = new Picture(picture, rows, columns);
    double rowFactor = (double) rows / outRows;
    double columnFactor = (double) columns / outColumns;
    if (Math.max(rowFactor, columnFactor) > 1) {
      out = blurred(blurred(out, true, rowFactor), false, columnFactor);
    }
    out = along(out, true, outRows);
    return along(out, false, outColumns).values();
  }

  private static Picture blurred(Picture x, boolean rows, double factor) {
    double[] taps = gaussian(factor);
    int extent = rows ? x.rows() : x.columns();
    int reach = taps.length / 2;
    if (reach >= extent) {
      throw new IllegalArgumentException(
          "resize: expected more than " + reach + " pixels along each axis, found " + extent);
    }
    int[][] indices = new int[extent][taps.length];
    double[][] weights = new double[extent][];
    for (int o = 0; o < extent; o++) {
      for (int tap = 0; tap < taps.length; tap++) {
        int at = Math.abs(o + tap - reach);
        indices[o][tap] = at < extent ? at : 2 * (extent - 1) - at;
      }
      weights[o] = taps;
    }
    return weighted(x, rows, indices, weights);
  }

  private static double[] gaussian(double factor) {
    double deviation = Math.max((factor - 1) / 2, LEAST_DEVIATION);
    int count = (int) Math.max(4 * deviation, LEAST_TAPS);
    count += 1 - count % 2;
    double[] taps = new double[count];
    double sum = 0;
    for (int tap = 0; tap < count; tap++) {
      double distance = (tap - count / 2) / deviation;
      taps[tap] = Math.exp(-distance * distance / 2);
      sum += taps[tap];
    }
    for (int tap = 0; tap < count; tap++) {
      taps[tap] /= sum;
    }
    return taps;
  }

  private static Picture along(Picture x, boolean rows, int out) {
    int extent = rows ? x.rows() : x.columns();
    double step = out == 1 ? 0 : (double) (extent - 1) / (out - 1);
    int[][] indices = new int[out][4];
    double[][] weights = new double[out][];
    for (int o = 0; o < out; o++) {
      double at = o * step;
      int below = (int) Math.floor(at);
      for (int tap = 0; tap < 4; tap++) {
        indices[o][tap] = Math.clamp(below + tap - 1, 0, extent - 1);
      }
      double t = at - below;
      weights[o] = new double[] {far(t + 1), near(t), near(1 - t), far(2 - t)};
    }
    return weighted(x, rows, indices, weights);
  }

  /** Of a pixel at a distance up to 1. */
  private static double near(double t) {
    return ((CUBIC + 2) * t - (CUBIC + 3)) * t * t + 1;
  }

  /** Of a pixel at a distance from 1 to 2. */
  private static double far(double t) {
    return ((CUBIC * t - 5 * CUBIC) * t + 8 * CUBIC) * t - 4 * CUBIC;
  }

  /** Each row, or column, of the result is a weighted sum of some of x. */
  private static Picture weighted(Picture x, boolean rows, int[][] indices, double[][] weights) {
    int outRows = rows ? indices.length : x.rows();
    int outColumns = rows ? x.columns() : indices.length;
    float[] out = new float[outRows * outColumns * 3];
    for (int row = 0; row < outRows; row++) {
      for (int column = 0; column < outColumns; column++) {
        int at = rows ? row : column;
        for (int c = 0; c < 3; c++) {
          double sum = 0;
          for (int tap = 0; tap < indices[at].length; tap++) {
            int from = indices[at][tap];
            int pixel = rows ? from * x.columns() + column : row * x.columns() + from;
            sum += weights[at][tap] * x.values()[3 * pixel + c];
          }
          out[3 * (row * outColumns + column) + c] = (float) sum;
        }
      }
    }
    return new Picture(out, outRows, outColumns);
  }
}
