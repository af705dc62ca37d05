package dev.orrery.benchmarks;

import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.tensor.Tensor;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Shapes written as parameters of a benchmark, and values to run it on. */
final class Sizes {
  private Sizes() {}

  /** The extents in {@code 880x1536x1536}. */
  static int[] parse(String size) {
    return Arrays.stream(size.split("x")).mapToInt(Integer::parseInt).toArray();
  }

  /** The extents as {@link Tensor}s take them. */
  static long[] longs(int... extents) {
    return Arrays.stream(extents).asLongStream().toArray();
  }

  /** A shape as reports show it: {@code M x K x N = 880 x 1536 x 1536}. */
  static String show(String letters, String size) {
    return letters + " = " + size.replace("x", " x ");
  }

  /** Product of the extents. */
  static double values(String size) {
    double values = 1;
    for (int extent : parse(size)) {
      values *= extent;
    }
    return values;
  }

  /** Bytes of an fp32 tensor of a size. */
  static double bytes(String size) {
    return Float.BYTES * values(size);
  }

  /** Fills a tensor with seeded values of mean 0 and variance 1. */
  static void fill(Tensor tensor, long seed) {
    FloatView view = FloatView.of(tensor);
    SplittableRandom random = new SplittableRandom(seed);
    for (long i = 0; i < tensor.elements(); i++) {
      view.set(i, random.nextGaussian());
    }
  }
}
