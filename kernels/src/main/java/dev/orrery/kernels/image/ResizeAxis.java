package dev.orrery.kernels.image;

/**
 * The weighted pixels of every output of {@link ResizeAntialiased} along one axis.
 *
 * @param size pixels before resizing
 * @param first first pixel of each output
 * @param weights weights of this pixel and those behind it, with {@link #FRACTION_BITS}
 */
record ResizeAxis(int size, int[] first, int[][] weights) {
  /** Bits of a weight behind the point. */
  static final int FRACTION_BITS = 22;

  /** What a filter gives for an axis that changes its size. */
  static ResizeAxis of(ResizeFilter filter, int size, int outSize) {
    ResizeAxis axis = new ResizeAxis(size, new int[outSize], new int[outSize][]);
    double scale = (double) size / outSize;
    double filterScale = Math.max(scale, 1);
    double support = filter.support() * filterScale;
    for (int o = 0; o < outSize; o++) {
      double center = (o + 0.5) * scale;
      int from = Math.max(0, (int) (center - support + 0.5));
      int to = Math.min(size, (int) (center + support + 0.5));
      double[] exact = new double[to - from];
      for (int i = 0; i < exact.length; i++) {
        exact[i] = filter.weight((from + i - center + 0.5) * (1 / filterScale));
      }
      axis.first[o] = from;
      axis.weights[o] = rounded(exact);
    }
    return axis;
  }

  /** The weights normalised to one, in fixed point. */
  private static int[] rounded(double[] exact) {
    double sum = 0;
    for (double weight : exact) {
      sum += weight;
    }
    int[] rounded = new int[exact.length];
    for (int i = 0; i < exact.length; i++) {
      rounded[i] = (int) (exact[i] / sum * (1 << FRACTION_BITS) + Math.copySign(0.5, exact[i]));
    }
    return rounded;
  }
}
