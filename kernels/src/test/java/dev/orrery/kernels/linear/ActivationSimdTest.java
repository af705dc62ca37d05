package dev.orrery.kernels.linear;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.orrery.kernels.cpu.SimdTile;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ActivationSimdTest {
  @ParameterizedTest
  @EnumSource(Activation.class)
  void agreesWithTheDefinition(Activation activation) {
    float[] ys = new float[SimdTile.LANES];
    float[] actual = new float[SimdTile.LANES];
    for (float start = -40; start < 40; start += 0.001f * SimdTile.LANES) {
      for (int lane = 0; lane < ys.length; lane++) {
        ys[lane] = start + 0.001f * lane;
      }
      apply(activation, ys, actual);
      for (int lane = 0; lane < ys.length; lane++) {
        double expected = activation.apply(ys[lane]);
        // 3 units in the last place of the result; far in the negative tail, where the rounded
        // exponent shows, small
        // beside the argument.
        double limit = 3e-7 * Math.abs(expected) + 2e-8 * Math.min(1, Math.abs(ys[lane]));
        assertEquals(expected, actual[lane], limit, activation + "(" + ys[lane] + ")");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Activation.class)
  void keepsZeroTinyAndLargeArguments(Activation activation) {
    float[] ys = new float[SimdTile.LANES];
    float[] actual = new float[SimdTile.LANES];
    for (float y : new float[] {0, 1e-30f, -1e-30f, 1e-10f, -1e-10f, 1000, -1000, 1e10f}) {
      ys[0] = y;
      apply(activation, ys, actual);
      double expected = activation.apply(y);
      assertEquals(
          expected, actual[0], 3e-7 * Math.abs(expected) + 1e-38, activation + "(" + y + ")");
    }
  }

  private static void apply(Activation activation, float[] ys, float[] results) {
    FloatVector y = FloatVector.fromArray(SimdTile.SPECIES, ys, 0);
    ActivationSimd.apply(activation, y).intoArray(results, 0);
    float[] copy = ys.clone();
    ActivationSimd.apply(activation, copy, 0, copy.length);
    assertArrayEquals(results, copy);
  }
}
