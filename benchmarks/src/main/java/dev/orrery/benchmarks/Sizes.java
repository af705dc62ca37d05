package dev.orrery.benchmarks;

import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Shapes written as parameters of a benchmark, and tensors to run them on. */
final class Sizes {
  private Sizes() {}

  /** The extents in {@code 880x1536x1536}. */
  static int[] parse(String size) {
    return Arrays.stream(size.split("x")).mapToInt(Integer::parseInt).toArray();
  }

  /** A tensor of seeded values of mean 0 and variance 1. */
  static Tensor normal(long seed, TensorArena arena, DType dtype, long... extents) {
    Tensor tensor = arena.empty(dtype, extents);
    FloatView view = FloatView.of(tensor);
    SplittableRandom random = new SplittableRandom(seed);
    for (long i = 0; i < tensor.elements(); i++) {
      view.set(i, random.nextGaussian());
    }
    return tensor;
  }
}
