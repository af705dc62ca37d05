package dev.orrery.benchmarks.peers;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/**
 * Values of the tensors of a block by their names, the same for all libraries. Matrices are as
 * large as those of a network that was just made, so that what goes through a block neither grows
 * nor vanishes.
 */
final class BlockValues {
  private static final double SMALL = 0.1;

  private final Map<String, float[]> values = new HashMap<>();

  /**
   * Seeded values of variance 1: what goes into a block, or what it remembers.
   *
   * @throws IllegalArgumentException if the name was asked for with another number of values
   */
  float[] input(String name, int... shape) {
    return known(name, shape, () -> normal(name, 0, 1, shape));
  }

  /**
   * Seeded values of a weight, of a variance that fits its shape.
   *
   * @throws IllegalArgumentException if the name was asked for with another number of values
   */
  float[] weight(String name, int... shape) {
    return known(
        name,
        shape,
        () -> {
          int inputs = Layout.size(Arrays.copyOfRange(shape, 1, shape.length));
          if (shape.length > 1 && shape[0] > 1) {
            return normal(name, 0, 1 / Math.sqrt(inputs), shape);
          }
          // Of a norm, or a bias.
          return normal(name, name.endsWith("weight") ? 1 : 0, SMALL, shape);
        });
  }

  private float[] known(String name, int[] shape, Supplier<float[]> made) {
    float[] known = values.computeIfAbsent(name, key -> made.get());
    if (known.length != Layout.size(shape)) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%s has %d values, not the shape %s",
              name,
              known.length,
              Arrays.toString(shape)));
    }
    return known;
  }

  private static float[] normal(String name, double mean, double deviation, int... shape) {
    SplittableRandom random = new SplittableRandom(name.hashCode());
    float[] values = new float[Layout.size(shape)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (mean + deviation * random.nextGaussian());
    }
    return values;
  }
}
