package dev.orrery.kernels.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Float8Test {
  private static final int NAN = 0x7f;

  /** Extreme and neighbouring values of the format's definition. */
  @ParameterizedTest
  @CsvSource({
    "0x00, 0x0p0",
    "0x01, 0x1p-9",
    "0x07, 0x1.cp-7",
    "0x08, 0x1p-6",
    "0x09, 0x1.2p-6",
    "0x37, 0x1.ep-1",
    "0x38, 0x1p0",
    "0x39, 0x1.2p0",
    "0x7e, 0x1.cp8",
    "0x81, -0x1p-9",
    "0xb8, -0x1p0",
    "0xfe, -0x1.cp8"
  })
  void codesHaveTheValuesOfTheFormat(String code, String value) {
    assertEquals(Float.parseFloat(value), Float8.decode((byte) (int) Integer.decode(code)));
  }

  @Test
  void everyCodeIsTheCodeOfItsValue() {
    for (int code = 0; code < 256; code++) {
      float value = Float8.decode((byte) code);
      if ((code & NAN) == NAN) {
        assertTrue(Float.isNaN(value));
      } else {
        assertEquals((byte) code, Float8.encode(value), "code of " + value);
      }
    }
    assertEquals(0x8000_0000, Float.floatToRawIntBits(Float8.decode((byte) 0x80)));
  }

  @Test
  void valuesGrowWithTheirCodes() {
    for (int code = 0; code + 1 < NAN; code++) {
      assertTrue(Float8.decode((byte) code) < Float8.decode((byte) (code + 1)), "code " + code);
    }
  }

  /** Between any two neighbours: the middle goes to the even code, anything beside it is nearer. */
  @Test
  void tiesGoToTheEvenCode() {
    for (int code = 0; code + 1 < NAN; code++) {
      float low = Float8.decode((byte) code);
      float high = Float8.decode((byte) (code + 1));
      float middle = (low + high) / 2;
      int even = code % 2 == 0 ? code : code + 1;
      assertCode(even, middle);
      assertCode(code, Math.nextDown(middle));
      assertCode(code + 1, Math.nextUp(middle));
    }
  }

  /** Values of all exponents, every other one of an exponent at or just outside the format's. */
  @Test
  void finiteValuesGoToTheNearest() {
    Random random = new Random(1);
    for (int i = 0; i < 200_000; i++) {
      float any = Float.intBitsToFloat(random.nextInt() & Integer.MAX_VALUE);
      float near = Math.scalb(1 + random.nextFloat(), random.nextInt(-12, 10));
      float value = i % 2 == 0 ? any : near;
      if (Float.isFinite(value)) {
        assertCode(nearest(value), value);
      }
    }
  }

  @Test
  void finiteValuesSaturate() {
    for (float value : new float[] {448, 463.9f, 464, 480, 1e30f, Float.MAX_VALUE}) {
      assertCode(0x7e, value);
    }
  }

  @Test
  void whatIsNotFiniteBecomesNan() {
    assertCode(NAN, Float.POSITIVE_INFINITY);
    assertEquals(NAN, Float8.encode(Float.NaN) & NAN);
  }

  @Test
  void halfOfTheSmallestValueIsTheLastThatRoundsToZero() {
    assertCode(0, 0);
    assertCode(0, Float.MIN_VALUE);
    assertCode(0, 0x1p-10f);
    assertCode(1, Math.nextUp(0x1p-10f));
  }

  /** Requires the code of a value, and with a sign that of its negative. */
  private static void assertCode(int code, float value) {
    assertEquals((byte) code, Float8.encode(value), "code of " + value);
    assertEquals((byte) (code | 0x80), Float8.encode(-value), "code of " + -value);
  }

  /** By comparison with the values of all codes; the even one of two equally near. */
  private static int nearest(float value) {
    int best = 0;
    for (int code = 1; code < NAN; code++) {
      double now = Math.abs((double) value - Float8.decode((byte) code));
      double before = Math.abs((double) value - Float8.decode((byte) best));
      // From 2^53 on doubles do not tell the differences apart.
      if (now < before || now == before && (code % 2 == 0 || value > Float8.MAX)) {
        best = code;
      }
    }
    return best;
  }
}
