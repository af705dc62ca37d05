package dev.orrery.kernels.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class FramesToBytesTest {
  /**
   * {@code (0.5 + 1) * 127.5 = 191.25}; 0.999 gives 254.87, which is not rounded up. In fp32 the
   * value below 1 plus 1 is 2, so it gives 255.
   */
  @Test
  void truncatesAndClips() {
    float[] values = {
      -1,
      0,
      0.5f,
      0.999f,
      1,
      1.5f,
      -1.5f,
      Float.NaN,
      1e30f,
      -1e30f,
      Float.POSITIVE_INFINITY,
      Float.NEGATIVE_INFINITY,
      Math.nextDown(1f),
      -0.9922f,
      -0.9921f,
      0,
      1,
      -1,
      Float.NaN
    };
    int[] expected = {0, 127, 191, 254, 255, 255, 0, 0, 255, 0, 255, 0, 255, 0, 1, 127, 255, 0, 0};
    byte[] bytes = new byte[expected.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) expected[i];
    }
    assertConverted(bytes, values, PixelRange.SIGNED);
  }

  /** {@code 0.5 * 255 = 127.5} and {@code 0.999 * 255 = 254.7} are not rounded up either. */
  @Test
  void scalesTheUnitRange() {
    float[] values = {0, 0.5f, 0.999f, 1, 1.5f, -0.5f, -0.0f, Float.NaN, 0.00392f, 0.0039217f};
    byte[] bytes = {0, 127, (byte) 254, (byte) 255, (byte) 255, 0, 0, 0, 0, 1};
    assertConverted(bytes, values, PixelRange.UNIT);
  }

  private static void assertConverted(byte[] expected, float[] values, PixelRange range) {
    assertArrayEquals(expected, convert(CpuBackend.reference(1), values, range, 0));
    assertArrayEquals(expected, convert(CpuBackend.simd(1), values, range, 0));
  }

  /** 40000 values are three items of work. */
  @ParameterizedTest
  @CsvSource({"1, SIGNED", "13, SIGNED", "207, UNIT", "40000, SIGNED", "40000, UNIT"})
  void givesTheBytesOfTheReference(int count, PixelRange range) {
    Random random = new Random(7);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    assertSame(values, range);
  }

  @ParameterizedTest
  @EnumSource(PixelRange.class)
  void treatsEdgesLikeTheReference(PixelRange range) {
    assertSame(edges(range), range);
  }

  private static void assertSame(float[] values, PixelRange range) {
    byte[] expected = convert(CpuBackend.reference(2), values, range, 0);
    assertArrayEquals(expected, convert(CpuBackend.simd(1), values, range, 5));
    assertArrayEquals(expected, convert(CpuBackend.simd(3), values, range, 3));
  }

  /** The ends of ranges, the numbers around the steps between bytes, and no numbers. */
  static float[] edges(PixelRange range) {
    float[] edges = {
      -1, 1, 0, -0.0f, -1.5f, 7, Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 0.5f
    };
    float[] values = Arrays.copyOf(edges, edges.length + 3 * 256);
    for (int pixel = 0; pixel < 256; pixel++) {
      float exact = pixel / range.scale() - range.offset();
      values[edges.length + 3 * pixel] = Math.nextDown(exact);
      values[edges.length + 3 * pixel + 1] = exact;
      values[edges.length + 3 * pixel + 2] = Math.nextUp(exact);
    }
    return values;
  }

  /** The bytes, with {@code before} bytes in front of the output so that it is not aligned. */
  private static byte[] convert(CpuBackend backend, float[] values, PixelRange range, int before) {
    byte[] all = new byte[before + values.length + 64];
    Arrays.fill(all, (byte) 0xA5);
    MemorySegment middle = MemorySegment.ofArray(all).asSlice(before, values.length);
    Tensor out = Tensor.host(DType.U8, Shape.of(values.length), middle);
    try (backend) {
      backend.kernel(FramesToBytes.class).run(Tensor.of(values, values.length), range, out);
    }
    for (int i = 0; i < 64; i++) {
      assertEquals((byte) 0xA5, all[before + values.length + i], "byte " + i + " behind");
    }
    return Arrays.copyOfRange(all, before, before + values.length);
  }
}
