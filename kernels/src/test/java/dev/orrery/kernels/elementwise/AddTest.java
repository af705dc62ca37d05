package dev.orrery.kernels.elementwise;

import static dev.orrery.kernels.KernelHarness.agree;
import static dev.orrery.kernels.KernelHarness.compute;
import static dev.orrery.kernels.KernelHarness.normal;
import static dev.orrery.kernels.KernelHarness.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.InPlace;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 13, 207, 4096, 4097, 32768, 100_003})
  void agreesWithReference(int elements) {
    Tensor a = normal(1, elements);
    Tensor b = normal(2, elements);
    agree(Add.class, (k, out) -> k.run(a, b, out), elements);
  }

  @Test
  void definition() {
    Tensor a = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2);
    Tensor b = Tensor.of(new float[] {10, 20, 30, 40}, 2, 2);
    float[] out = compute(CpuBackend.reference(1), Add.class, (k, o) -> k.run(a, b, o), 2, 2);
    assertArrayEquals(new float[] {11, 22, 33, 44}, out);
  }

  @Test
  void outputMayBeEitherInput() {
    Tensor other = normal(3, 100_003);
    Tensor replaced = normal(4, 100_003);
    InPlace.same(Add.class, replaced, (k, in, out) -> k.run(in, other, out));
    InPlace.same(Add.class, replaced, (k, in, out) -> k.run(other, in, out));
  }

  /** Positions of frames of 256 tokens, an action a frame, and rows that vectors do not fill. */
  @ParameterizedTest
  @CsvSource({
    "4096, 256, 256",
    "4096, 16, 512",
    "207, 9, 13",
    "35, 1, 1",
    "130, 13, 1",
    "6, 3, 40000"
  })
  void rowsAgreeWithReference(int rows, int few, int columns) {
    Tensor a = normal(5, rows, columns);
    Tensor b = normal(6, few, columns);
    for (Add.Rows which : Add.Rows.values()) {
      agree(Add.class, (k, out) -> k.run(a, b, which, out), rows, columns);
    }
  }

  @Test
  void definitionOfRows() {
    Tensor a = Tensor.of(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, 4, 2);
    Tensor b = Tensor.of(new float[] {10, 20, 30, 40}, 2, 2);
    float[] each = {11, 22, 13, 24, 35, 46, 37, 48};
    float[] cycle = {11, 22, 33, 44, 15, 26, 37, 48};
    for (boolean fast : new boolean[] {false, true}) {
      assertArrayEquals(each, ofRows(fast, a, b, Add.Rows.EACH));
      assertArrayEquals(cycle, ofRows(fast, a, b, Add.Rows.CYCLE));
    }
  }

  private static float[] ofRows(boolean fast, Tensor a, Tensor b, Add.Rows rows) {
    CpuBackend backend = fast ? CpuBackend.simd(1) : CpuBackend.reference(1);
    return compute(backend, Add.class, (k, o) -> k.run(a, b, rows, o), a.shape().extents());
  }

  /** Frames, rows and columns of pixels; the rows of b have several extents, too. */
  @Test
  void takesSeveralExtents() {
    Tensor a = normal(7, 3, 4, 5, 2);
    Tensor b = normal(8, 4, 5, 2);
    Tensor flat = b.reshape(20, 2);
    for (Add.Rows rows : Add.Rows.values()) {
      assertArrayEquals(
          ofRows(true, a.reshape(12, 10), b.reshape(4, 10), rows), ofRows(true, a, b, rows));
    }
    assertArrayEquals(
        ofRows(true, a.reshape(60, 2), flat, Add.Rows.CYCLE),
        ofRows(true, a, flat, Add.Rows.CYCLE));
  }

  /** As many rows as a has are those of the first form, so that {@code out} may be b. */
  @Test
  void asManyRowsAreAddedOneByOne() {
    Tensor a = normal(9, 7, 13);
    Tensor b = normal(10, 7, 13);
    float[] expected = compute(CpuBackend.reference(1), Add.class, (k, o) -> k.run(a, b, o), 7, 13);
    for (Add.Rows rows : Add.Rows.values()) {
      assertArrayEquals(expected, ofRows(false, a, b, rows));
      assertArrayEquals(expected, ofRows(true, a, b, rows));
    }
  }

  @Test
  void outputOfRowsMayBeTheFirstInput() {
    Tensor few = normal(11, 3, 33);
    Tensor replaced = normal(12, 3003, 33);
    for (Add.Rows rows : Add.Rows.values()) {
      InPlace.same(Add.class, replaced, (k, in, out) -> k.run(in, few, rows, out));
    }
  }

  @Test
  void refusesRowsThatDoNotFit() {
    try (CpuBackend backend = CpuBackend.reference(1)) {
      Add add = backend.kernel(Add.class);
      Tensor a = normal(1, 6, 4);
      refused(
          "rows of a: expected a multiple of rows of b = 4, found 6",
          () -> add.run(a, normal(2, 4, 4), Add.Rows.EACH, a));
      refused(
          "b: expected rows like the last 1 extents of F32[6, 4], found F32[3, 2]",
          () -> add.run(a, normal(2, 3, 2), Add.Rows.EACH, a));
      refused(
          "b: expected F32 of rank 2 to 2, found F32[4]",
          () -> add.run(a, normal(2, 4), Add.Rows.CYCLE, a));
      refused(
          "b: expected F32 of rank 2 to 2, found BF16[3, 4]",
          () -> add.run(a, normal(2, DType.BF16, 3, 4), Add.Rows.CYCLE, a));
      refused(
          "out: expected F32[6, 4], found F32[4, 6]",
          () -> add.run(a, normal(2, 3, 4), Add.Rows.CYCLE, normal(3, 4, 6)));
    }
  }
}
