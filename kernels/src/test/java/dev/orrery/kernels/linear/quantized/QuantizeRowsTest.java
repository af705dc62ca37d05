package dev.orrery.kernels.linear.quantized;

import static dev.orrery.kernels.KernelHarness.refused;
import static dev.orrery.kernels.linear.quantized.LinearHarness.backends;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Float8;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class QuantizeRowsTest {
  private static final int GUARD = 64;
  private static final byte UNTOUCHED = 0x5a;

  /** What came out: values row by row, and scales. */
  private record Result(byte[] values, float[] scales) {}

  @ParameterizedTest
  @CsvSource({"1, 1", "3, 13", "40, 207", "13, 1536", "2, 2049", "300, 16"})
  void everyBackendGivesTheSameBits(int rows, int columns) {
    Tensor x = spread(rows, columns);
    for (DType dtype : new DType[] {DType.I8, DType.F8_E4M3}) {
      Result expected = run(CpuBackend.reference(2), x, dtype);
      for (int threads : new int[] {1, 3}) {
        Result found = run(CpuBackend.simd(threads), x, dtype);
        assertArrayEquals(expected.scales, found.scales);
        assertArrayEquals(expected.values, found.values);
      }
    }
  }

  /** Normal deviates whose rows differ by powers of two, some values far below a row's largest. */
  private static Tensor spread(int rows, int columns) {
    float[] values = KernelHarness.normal(1, rows, columns).toFloats();
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.scalb(values[i], i / columns % 60 - 30 - i % 7 * (i % 3));
    }
    return Tensor.of(values, rows, columns);
  }

  /** The largest magnitude, 254, becomes 127: halves are rounded to even ones. */
  @Test
  void int8RoundsHalvesToEven() {
    float[] x = {254, -254, 1, 3, 5, -1, -3, -5, 2, 252, 0, -0f, 3.01f, 2.99f, 1e-30f};
    byte[] expected = {127, -127, 0, 2, 2, 0, -2, -2, 1, 126, 0, 0, 2, 1, 0};
    for (CpuBackend backend : backends()) {
      Result found = run(backend, Tensor.of(x, 1, x.length), DType.I8);
      assertArrayEquals(expected, found.values, backend.name());
      assertArrayEquals(new float[] {2}, found.scales);
    }
  }

  /** The largest magnitude, 448, has the scale 1: values are rounded as they are. */
  @Test
  void fp8IsRoundedLikeTheCodec() {
    float[] x = new float[4 * 256];
    for (int code = 0; code < 256; code++) {
      float value = Float8.decode((byte) code);
      float next = Float8.decode((byte) (code + 1));
      x[4 * code] = Float.isNaN(value) ? 448 : value;
      x[4 * code + 1] = Float.isFinite(value + next) ? (value + next) / 2 : -0f;
      x[4 * code + 2] = Math.nextUp(x[4 * code + 1]);
      x[4 * code + 3] = Math.nextDown(x[4 * code + 1]);
    }
    byte[] expected = new byte[x.length];
    for (int i = 0; i < x.length; i++) {
      expected[i] = Float8.encode(x[i]);
    }
    for (CpuBackend backend : backends()) {
      Result found = run(backend, Tensor.of(x, 1, x.length), DType.F8_E4M3);
      assertArrayEquals(new float[] {1}, found.scales);
      assertArrayEquals(expected, found.values, backend.name());
    }
  }

  /** Zeros, values too small to be scaled, the smallest that are not, and the largest of fp32. */
  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"I8", "F8_E4M3"})
  void theSmallestAndLargestRowsHaveFiniteScales(DType dtype) {
    float limit = QuantizeRows.limit(dtype);
    float smallest = Math.nextUp(limit / Float.MAX_VALUE);
    float[] largest = {0, -0f, Float.MIN_VALUE, 1e-37f, smallest, Float.MAX_VALUE};
    int columns = 20;
    float[] x = new float[largest.length * columns];
    for (int row = 0; row < largest.length; row++) {
      Arrays.fill(x, row * columns, (row + 1) * columns, -largest[row]);
      x[row * columns + 3] = 0;
    }
    byte lowest = dtype == DType.I8 ? -127 : Float8.encode(-448);
    for (CpuBackend backend : backends()) {
      Result found = run(backend, Tensor.of(x, largest.length, columns), dtype);
      for (int row = 0; row < largest.length; row++) {
        boolean scaled = row > 3;
        byte[] expected = new byte[columns];
        Arrays.fill(expected, scaled ? lowest : 0);
        expected[3] = 0;
        byte[] values = Arrays.copyOfRange(found.values, row * columns, (row + 1) * columns);
        assertArrayEquals(expected, values, backend.name() + ", row " + row);
        assertEquals(scaled ? largest[row] / limit : 0, found.scales[row]);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"I8", "F8_E4M3"})
  void tokensThatAreNotFiniteHaveScaleNanAndValuesZero(DType dtype) {
    int columns = 37;
    float[] bad = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 1};
    float[] x = new float[bad.length * columns];
    Arrays.fill(x, -1);
    for (int row = 0; row < bad.length; row++) {
      x[row * columns + 11 * row] = bad[row];
    }
    for (CpuBackend backend : backends()) {
      Result found = run(backend, Tensor.of(x, bad.length, columns), dtype);
      for (int row = 0; row < 3; row++) {
        assertTrue(Float.isNaN(found.scales[row]), backend.name() + ", row " + row);
        byte[] values = Arrays.copyOfRange(found.values, row * columns, (row + 1) * columns);
        assertArrayEquals(new byte[columns], values, backend.name() + ", row " + row);
      }
      assertEquals(1 / QuantizeRows.limit(dtype), found.scales[3]);
    }
  }

  @Test
  void refusesWhatDoesNotFit() {
    ScaledRows out = Int8Rows.of(new byte[12], new float[3], 4);
    try (CpuBackend backend = CpuBackend.simd(1)) {
      QuantizeRows quantize = backend.kernel(QuantizeRows.class);
      refused(
          "out: expected I8[4, 3], found I8[3, 4]",
          () -> quantize.run(KernelHarness.normal(1, 4, 3), out));
      Tensor half = KernelHarness.normal(1, DType.F16, 3, 4);
      refused("x: expected F32, found F16[3, 4]", () -> quantize.run(half, out));
    }
    Tensor two = Tensor.of(new float[2], 2);
    refused("scales: expected F32[3], found F32[2]", () -> new ScaledRows(out.values(), two));
    refused("values: expected I8 or F8_E4M3, found F32[2]", () -> new ScaledRows(two, two));
  }

  /** Runs on a backend, which is closed afterwards, with guard zones around both results. */
  private static Result run(CpuBackend backend, Tensor x, DType dtype) {
    int rows = x.size(0);
    int columns = x.size(1);
    byte[] values = guarded(rows * columns);
    byte[] scales = guarded(4 * rows);
    ScaledRows out =
        new ScaledRows(
            Tensor.host(dtype, Shape.of(rows, columns), middle(values)),
            Tensor.host(DType.F32, Shape.of(rows), middle(scales)));
    try (backend) {
      backend.kernel(QuantizeRows.class).run(x, out);
    }
    requireGuards(values);
    requireGuards(scales);
    byte[] result = Arrays.copyOfRange(values, GUARD, values.length - GUARD);
    return new Result(result, out.scales().toFloats());
  }

  private static byte[] guarded(int bytes) {
    byte[] all = new byte[bytes + 2 * GUARD];
    Arrays.fill(all, UNTOUCHED);
    return all;
  }

  private static MemorySegment middle(byte[] all) {
    return MemorySegment.ofArray(all).asSlice(GUARD, all.length - 2 * GUARD);
  }

  private static void requireGuards(byte[] all) {
    for (int i = 0; i < GUARD; i++) {
      assertEquals(UNTOUCHED, all[i], "before the result");
      assertEquals(UNTOUCHED, all[all.length - 1 - i], "behind the result");
    }
  }
}
