package dev.orrery.kernels.layout;

import static dev.orrery.kernels.KernelHarness.normal;
import static dev.orrery.kernels.KernelHarness.refused;
import static dev.orrery.kernels.KernelHarness.shared;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GatherRowsTest {
  /** Ids as a tensor. */
  static Tensor ids(int... ids) {
    return Tensor.host(DType.I32, Shape.of(ids.length), MemorySegment.ofArray(ids));
  }

  /** Ids of rows, none of them twice in succession more often than chance has it. */
  static int[] someIds(int count, int rows) {
    return new Random(count).ints(count, 0, rows).toArray();
  }

  /** 4096 rows of 256 are 32 items of work; a row may be longer than an item. */
  @ParameterizedTest
  @CsvSource({
    "F32, 512, 256, 4096",
    "BF16, 512, 256, 256",
    "F16, 13, 207, 300",
    "BF16, 3, 40000, 5",
    "F32, 1, 1, 1",
    "F32, 5, 7, 0"
  })
  void takesRowsByTheirNumbers(DType dtype, int rows, int columns, int count) {
    Tensor table = normal(1, dtype, rows, columns);
    int[] ids = someIds(count, rows);
    FloatView values = FloatView.of(table);
    Tensor before = normal(2, count, columns);
    FloatView addends = FloatView.of(before);
    float[] expected = new float[count * columns];
    float[] sums = new float[count * columns];
    for (int i = 0; i < expected.length; i++) {
      expected[i] = values.get((long) ids[i / columns] * columns + i % columns);
      sums[i] = (float) ((double) addends.get(i) + expected[i]);
    }
    assertArrayEquals(
        expected,
        shared(GatherRows.class, (k, out) -> k.run(table, ids(ids), out), count, columns));
    assertArrayEquals(
        sums,
        shared(
            GatherRows.class,
            (k, out) -> {
              out.segment().copyFrom(before.segment());
              k.addTo(table, ids(ids), out);
            },
            count,
            columns));
  }

  @Test
  void rowsThatDoNotExistAreNaN() {
    Tensor table = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2);
    Tensor ids = ids(1, 2, 0, -1, Integer.MAX_VALUE, Integer.MIN_VALUE);
    float nan = Float.NaN;
    float[] expected = {3, 4, nan, nan, 1, 2, nan, nan, nan, nan, nan, nan};
    assertArrayEquals(expected, shared(GatherRows.class, (k, out) -> k.run(table, ids, out), 6, 2));
    float[] sums = {4, 5, nan, nan, 2, 3, nan, nan, nan, nan, nan, nan};
    assertArrayEquals(
        sums,
        shared(
            GatherRows.class,
            (k, out) -> {
              Tensor ones = Tensor.of(new float[] {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, 6, 2);
              out.segment().copyFrom(ones.segment());
              k.addTo(table, ids, out);
            },
            6,
            2));
  }

  @Test
  void checkNamesTheFirstIdThatIsNoRow() {
    GatherRows.check(new int[] {0, 511}, 512);
    refused(
        "ids[1]: expected 0 to 511, found 512",
        () -> GatherRows.check(new int[] {3, 512, -1}, 512));
    refused("ids[0]: expected 0 to 511, found -1", () -> GatherRows.check(new int[] {-1}, 512));
  }

  @Test
  void refusesWhatDoesNotFit() {
    Tensor table = normal(1, 3, 4);
    Tensor out = normal(2, 2, 4);
    try (CpuBackend backend = CpuBackend.simd(1)) {
      GatherRows gather = backend.kernel(GatherRows.class);
      refused("ids: expected I32[2], found I32[3]", () -> gather.run(table, ids(0, 1, 2), out));
      refused("ids: expected I32[2], found F32[2]", () -> gather.run(table, normal(3, 2), out));
      refused(
          "table: expected F32, F16 or BF16 [3, 4], found F32[3, 5]",
          () -> gather.addTo(normal(1, 3, 5), ids(0, 1), out));
      refused(
          "table: expected F32 of rank 2, found F32[3, 4, 1]",
          () -> gather.run(normal(1, 3, 4, 1), ids(0, 1), out));
    }
  }
}
