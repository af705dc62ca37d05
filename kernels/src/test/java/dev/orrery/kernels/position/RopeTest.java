package dev.orrery.kernels.position;

import static dev.orrery.kernels.KernelHarness.agree;
import static dev.orrery.kernels.KernelHarness.compute;
import static dev.orrery.kernels.KernelHarness.normal;
import static dev.orrery.kernels.KernelHarness.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.InPlace;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RopeTest {
  /** Tokens, heads, head dim, rows of the table, pairs of the table. */
  @ParameterizedTest
  @CsvSource({
    "60,12,128,60,64",
    "42,3,16,42,8",
    "60,16,64,3,4",
    "12,3,16,4,2",
    "7,2,128,1,63",
    "1,1,2,1,1",
    "13,5,26,13,13",
    "207,1,64,207,20",
    "5,2,8,5,0",
    "9,3,110,9,37"
  })
  void agreesWithReference(int tokens, int heads, int headDim, int rows, int pairs) {
    Tensor x = normal(1, tokens, heads, headDim);
    Tensor table = normal(2, rows, pairs, 2);
    for (Rope.Pairs layout : Rope.Pairs.values()) {
      agree(Rope.class, (k, out) -> k.run(x, table, layout, out), tokens, heads, headDim);
    }
  }

  @Test
  void definition() {
    Tensor x = Tensor.of(new float[] {1, 2, 5, 6, 1, 2, 5, 6}, 2, 1, 4);
    Tensor table = Tensor.of(new float[] {0, 1, 0.5f, 0.25f}, 2, 1, 2);
    float[] out =
        compute(CpuBackend.reference(1), Rope.class, (k, o) -> k.run(x, table, o), 2, 1, 4);
    assertArrayEquals(new float[] {-2, 1, 5, 6, 0, 1.25f, 5, 6}, out);
  }

  /** Of six channels the first four turn, 0 with 2 by 90 degrees and 1 with 3 by (0.5, 0.25). */
  @Test
  void definitionOfHalves() {
    Tensor x = Tensor.of(new float[] {1, 5, 2, 6, 7, 8}, 1, 1, 6);
    Tensor table = Tensor.of(new float[] {0, 1, 0.5f, 0.25f}, 1, 2, 2);
    float[] out =
        compute(
            CpuBackend.reference(1),
            Rope.class,
            (k, o) -> k.run(x, table, Rope.Pairs.HALVES, o),
            1,
            1,
            6);
    assertArrayEquals(new float[] {-2, 1, 1, 4.25f, 7, 8}, out);
  }

  @Test
  void keepsWhatTheTableDoesNotTurnBitForBit() {
    float[] values = normal(3, 6 * 2 * 64).toFloats();
    values[8] = -0f;
    values[9] = Float.POSITIVE_INFINITY;
    Tensor x = Tensor.of(values, 6, 2, 64);
    Tensor table = Tensor.of(RotaryTable.frames(5, 3, 8, 256), 3, 4, 2);
    float[] out = compute(CpuBackend.simd(1), Rope.class, (k, o) -> k.run(x, table, o), 6, 2, 64);
    for (int i = 0; i < out.length; i++) {
      if (i % 64 >= 8) {
        assertEquals(Float.floatToRawIntBits(values[i]), Float.floatToRawIntBits(out[i]));
      }
    }
  }

  @Test
  void outputMayBeInput() {
    Tensor table = normal(4, 100, 64, 2);
    InPlace.same(Rope.class, normal(5, 100, 12, 128), (k, in, out) -> k.run(in, table, out));
    Tensor narrow = normal(6, 50, 4, 2);
    InPlace.same(Rope.class, normal(7, 100, 3, 13), (k, in, out) -> k.run(in, narrow, out));
    InPlace.same(
        Rope.class,
        normal(5, 100, 12, 128),
        (k, in, out) -> k.run(in, table, Rope.Pairs.HALVES, out));
    InPlace.same(
        Rope.class,
        normal(7, 100, 3, 13),
        (k, in, out) -> k.run(in, narrow, Rope.Pairs.HALVES, out));
  }

  @Test
  void refusesMorePairsThanTheHeadHas() {
    Tensor x = normal(8, 4, 1, 8);
    Tensor table = normal(9, 4, 5, 2);
    try (CpuBackend backend = CpuBackend.simd(1)) {
      Rope kernel = backend.kernel(Rope.class);
      refused(
          "table: expected at most 4 pairs for head dim 8, found F32[4, 5, 2]",
          () -> kernel.run(x, table, x));
    }
  }
}
