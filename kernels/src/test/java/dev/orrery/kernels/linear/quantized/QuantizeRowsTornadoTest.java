package dev.orrery.kernels.linear.quantized;

import static dev.orrery.kernels.KernelHarness.refused;
import static dev.orrery.kernels.tornado.TornadoHarness.findsBugs;
import static dev.orrery.kernels.tornado.TornadoHarness.findsDroppedOffsets;
import static dev.orrery.kernels.tornado.TornadoHarness.same;

import dev.orrery.kernels.KernelCase;
import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.TornadoBackend;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.kernels.tornado.TornadoHarness;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Values and scales have the bits of the reference. */
class QuantizeRowsTornadoTest {
  private static final int ROWS = 9;
  private static final int COLUMNS = 131;

  /** Rows shorter than a group, as long, and longer; ties are frequent. */
  @ParameterizedTest
  @CsvSource({"1, 1", "9, 13", "70, 64", "5, 65", "3, 1536", "2, 8960"})
  void hasTheBitsOfTheReference(int rows, int columns) {
    check(spread(rows, columns), rows, columns);
  }

  /** Normal deviates, some far below a row's largest, 127; among the others many ties. */
  private static float[] spread(int rows, int columns) {
    float[] values = KernelHarness.normal(1, rows, columns).toFloats();
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (i % 5) {
            case 0 -> i % 64 - 127;
            case 1 -> i % 127 - 63.5f;
            default -> Math.scalb(values[i], i % 7 * -(i % 3));
          };
    }
    return values;
  }

  /** Ties, and the numbers next to them, in a row whose factor is one. */
  @Test
  void roundsTiesToEven() {
    float[] values = new float[6 * 128];
    for (int i = 0; i < 128; i++) {
      float tie = Math.min(127, i + 0.5f);
      values[6 * i] = tie;
      values[6 * i + 1] = Math.nextDown(tie);
      values[6 * i + 2] = Math.min(127, Math.nextUp(tie));
      values[6 * i + 3] = -tie;
      values[6 * i + 4] = -Math.nextDown(tie);
      values[6 * i + 5] = -i;
    }
    check(values, 1, values.length);
  }

  /** Zeros; too small to be scaled; the least that is; the largest; none finite. */
  @Test
  void rowsThatAreSpecial() {
    float[] largest = {
      0, 1e-37f, 1e-36f, 3e38f, Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 1
    };
    int columns = 70;
    float[] values = spread(largest.length, columns);
    for (int i = 0; i < values.length; i++) {
      float value = largest[i / columns];
      boolean huge = !(Math.abs(value) < 1e30f);
      values[i] = huge && i % columns != 66 ? values[i] : i % 3 == 0 ? -value : value;
    }
    check(values, largest.length, columns);
  }

  private static void check(float[] values, int rows, int columns) {
    for (boolean scales : new boolean[] {false, true}) {
      same(QuantizeRows.class, run(values, rows, columns, scales));
    }
  }

  private static KernelCase<QuantizeRows> run(
      float[] values, int rows, int columns, boolean scales) {
    return (quantize, inputs) -> {
      Tensor integers = inputs.outputOf(DType.I8, rows + 1, columns).slice(1, rows + 1);
      Tensor steps = inputs.outputOf(DType.F32, rows + 1).slice(1, rows + 1);
      quantize.run(inputs.values(values, rows, columns), new ScaledRows(integers, steps));
      return scales ? steps : integers;
    };
  }

  @Test
  void findsPlantedBugs() {
    float[] values = spread(ROWS, COLUMNS);
    findsBugs(QuantizeRows.class, 3, Set.of(2), run(values, ROWS, COLUMNS, false));
    findsDroppedOffsets(QuantizeRows.class, 3, Set.of(1), run(values, ROWS, COLUMNS, true));
  }

  @Test
  void refusesFp8() {
    try (TornadoBackend backend = TornadoHarness.open()) {
      ScaledRows out = Fp8Rows.normal(1, 2, 3);
      Tensor x = KernelHarness.normal(1, 2, 3);
      refused(
          "values: expected I8 on a device of TornadoVM, found F8_E4M3[2, 3]",
          () -> backend.kernel(QuantizeRows.class).run(x, out));
    }
  }
}
