package dev.orrery.kernels.tornado;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.tensor.DType;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StoredFloatTest {
  private static final int BF16 = StoredFloat.format(DType.BF16);
  private static final int FP16 = StoredFloat.format(DType.F16);

  /** Weights are finite: all 65,280 such numbers of bf16. */
  @Test
  void widensEveryFiniteBf16() {
    int finite = 0;
    for (int bits = 0; bits <= 0xFFFF; bits++) {
      float expected = Float.intBitsToFloat(bits << 16);
      if (Float.isFinite(expected)) {
        assertBits(expected, StoredFloat.widen((short) bits, BF16), bits);
        finite++;
      }
    }
    assertEquals(65_280, finite);
  }

  /** And all 63,488 of fp16. */
  @Test
  void widensEveryFiniteFp16() {
    int finite = 0;
    for (int bits = 0; bits <= 0xFFFF; bits++) {
      float expected = Float.float16ToFloat((short) bits);
      if (Float.isFinite(expected)) {
        assertBits(expected, StoredFloat.widen((short) bits, FP16), bits);
        finite++;
      }
    }
    assertEquals(63_488, finite);
  }

  @Test
  void widensInfinityAndNanWhereAsked() {
    for (int bits = 0; bits <= 0xFFFF; bits++) {
      short stored = (short) bits;
      // Kinds of NaN are one.
      assertEquals(
          Float.float16ToFloat(stored),
          StoredFloat.widenAny(stored, FP16, Float.POSITIVE_INFINITY),
          "fp16 bits " + bits);
      assertEquals(
          Float.intBitsToFloat(bits << 16),
          StoredFloat.widenAny(stored, BF16, Float.POSITIVE_INFINITY),
          "bf16 bits " + bits);
    }
  }

  /** Each float that is a 16-bit float becomes that one. */
  @Test
  void narrowsWhatWasWidened() {
    for (int bits = 0; bits <= 0xFFFF; bits++) {
      float fp16 = Float.float16ToFloat((short) bits);
      float bf16 = Float.intBitsToFloat(bits << 16);
      if (!Float.isNaN(fp16)) {
        assertEquals((short) bits, StoredFloat.narrow(fp16, FP16), "fp16 bits " + bits);
      }
      if (!Float.isNaN(bf16)) {
        assertEquals((short) bits, StoredFloat.narrow(bf16, BF16), "bf16 bits " + bits);
      }
    }
  }

  /** Around every number of 16 bits: halfway to the next one, and one float less and more. */
  @Test
  void roundsToTheNearestAndTiesToEven() {
    for (int bits = 0; bits < 0x7F80; bits++) {
      float bf16Tie = Float.intBitsToFloat(bits << 16 | 0x8000);
      assertRounds(bf16Tie);
      if (bits < 0x7C00) {
        float low = Float.float16ToFloat((short) bits);
        // What would come next if there were no largest one.
        float high = bits == 0x7BFF ? 65536f : Float.float16ToFloat((short) (bits + 1));
        assertRounds((low + high) / 2);
      }
    }
  }

  @Test
  void roundsAnyFloat() {
    Random random = new Random(1);
    for (int i = 0; i < 300_000; i++) {
      float value = Float.intBitsToFloat(random.nextInt());
      assertNarrows(value);
      // Half of all floats are too large or too small for fp16.
      assertNarrows(Math.scalb(value % 1f, i % 48 - 26));
    }
  }

  @Test
  void hasNoFormatForOtherDtypes() {
    assertThrows(IllegalArgumentException.class, () -> StoredFloat.format(DType.I8));
  }

  private static void assertRounds(float tie) {
    for (float value : new float[] {Math.nextDown(tie), tie, Math.nextUp(tie)}) {
      assertNarrows(value);
      assertNarrows(-value);
    }
  }

  private static void assertNarrows(float value) {
    if (Float.isNaN(value)) {
      assertEquals(Float.NaN, Float.float16ToFloat(StoredFloat.narrow(value, FP16)));
      assertEquals(Float.NaN, FloatView.bf16ToFloat(StoredFloat.narrow(value, BF16)));
      return;
    }
    assertEquals(
        Float.floatToFloat16(value), StoredFloat.narrow(value, FP16), () -> "fp16 of " + value);
    assertEquals(
        FloatView.floatToBf16(value), StoredFloat.narrow(value, BF16), () -> "bf16 of " + value);
  }

  private static void assertBits(float expected, float found, int bits) {
    assertEquals(
        Float.floatToRawIntBits(expected), Float.floatToRawIntBits(found), () -> "bits " + bits);
  }
}
