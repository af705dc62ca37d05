package dev.orrery.kernels.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
    assertArrayEquals(bytes, convert(CpuBackend.reference(1), values, 0));
    assertArrayEquals(bytes, convert(CpuBackend.simd(1), values, 0));
  }

  /** 40000 values are three items of work. */
  @ParameterizedTest
  @ValueSource(ints = {1, 13, 207, 40000})
  void givesTheBytesOfTheReference(int count) {
    Random random = new Random(7);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    byte[] expected = convert(CpuBackend.reference(2), values, 0);
    assertArrayEquals(expected, convert(CpuBackend.simd(1), values, 5));
    assertArrayEquals(expected, convert(CpuBackend.simd(3), values, 3));
  }

  /** The bytes, with {@code before} bytes in front of the output so that it is not aligned. */
  private static byte[] convert(CpuBackend backend, float[] values, int before) {
    byte[] all = new byte[before + values.length + 64];
    java.util.Arrays.fill(all, (byte) 0xA5);
    MemorySegment middle = MemorySegment.ofArray(all).asSlice(before, values.length);
    Tensor out = Tensor.host(DType.U8, Shape.of(values.length), middle);
    try (backend) {
      backend.kernel(FramesToBytes.class).run(Tensor.of(values, values.length), out);
    }
    for (int i = 0; i < 64; i++) {
      assertEquals((byte) 0xA5, all[before + values.length + i], "byte " + i + " behind");
    }
    return java.util.Arrays.copyOfRange(all, before, before + values.length);
  }
}
