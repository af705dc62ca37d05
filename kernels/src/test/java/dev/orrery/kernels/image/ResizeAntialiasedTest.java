package dev.orrery.kernels.image;

import static dev.orrery.kernels.KernelHarness.refused;
import static dev.orrery.kernels.image.ResizeFilter.BICUBIC;
import static dev.orrery.kernels.image.ResizeFilter.BILINEAR;
import static dev.orrery.kernels.image.ResizeFilter.LANCZOS;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ResizeAntialiasedTest {
  /**
   * By hand: three columns to one, scale and support 3, centre 1.5: weights 2/3, 1, 2/3 over 7/3,
   * so 2/7 * 10 + 3/7 * 20 + 2/7 * 60 = 28.57, rounded to 29. One column to two: both outputs see
   * only that pixel.
   */
  @Test
  void matchesValuesDerivedByHand() {
    assertArrayEquals(bytes(29), resize(BILINEAR, bytes(10, 20, 60), 1, 3, 1, 1, 1));
    assertArrayEquals(bytes(9, 9), resize(BILINEAR, bytes(9), 1, 1, 1, 1, 2));
  }

  /** Two pixels to four: centres at 1/4, 3/4, 5/4, 7/4, so the inner outputs mix 3 : 1. */
  @Test
  void interpolatesWhenEnlarging() {
    byte[] expected = bytes(0, 50, 150, 200);
    assertArrayEquals(expected, resize(BILINEAR, bytes(0, 200), 1, 2, 1, 1, 4));
    assertArrayEquals(expected, resize(BILINEAR, bytes(0, 200), 2, 1, 1, 4, 1));
  }

  /**
   * The same with Lanczos: L(1/4) = 0.890067, L(5/4) = -0.132871 and L(3/4) = 0.270189, so that the
   * far pixel has a share of -0.175478 of the outer outputs and of 0.232870 of the inner ones. What
   * overshoots is clamped.
   */
  @Test
  void overshootsWithLanczos() {
    byte[] expected = bytes(82, 123, 177, 218);
    assertArrayEquals(expected, resize(LANCZOS, bytes(100, 200), 1, 2, 1, 1, 4));
    assertArrayEquals(expected, resize(LANCZOS, bytes(100, 200), 2, 1, 1, 4, 1));
    assertArrayEquals(bytes(0, 66, 194, 255), resize(LANCZOS, bytes(10, 250), 1, 2, 1, 1, 4));
  }

  /**
   * The same with the cubic: its weights at 1/4, 3/4, 5/4 and 7/4 are 111, 29, -9 and -3 over 128,
   * so that the far pixel has a share of -9/102 of the outer outputs and of 29/140 of the inner
   * ones.
   */
  @Test
  void overshootsLessWithTheCubic() {
    byte[] expected = bytes(91, 121, 179, 209);
    assertArrayEquals(expected, resize(BICUBIC, bytes(100, 200), 1, 2, 1, 1, 4));
    assertArrayEquals(expected, resize(BICUBIC, bytes(100, 200), 2, 1, 1, 4, 1));
  }

  @ParameterizedTest
  @CsvSource({
    "97,151,3,44,80",
    "30,44,3,44,80",
    "13,7,1,13,5",
    "13,7,2,5,7",
    "44,80,3,44,80",
    "1,207,3,13,13",
    "5,3,4,1,1",
    "64,64,3,65,63"
  })
  void matchesTheFormula(int rows, int columns, int channels, int outRows, int outColumns) {
    byte[] pixels = new byte[rows * columns * channels];
    new Random(3).nextBytes(pixels);
    for (ResizeFilter filter : ResizeFilter.values()) {
      byte[] wide = new byte[rows * outColumns * channels];
      for (int y = 0; y < rows; y++) {
        for (int o = 0; o < outColumns; o++) {
          for (int c = 0; c < channels; c++) {
            int at = y * columns * channels + c;
            wide[(y * outColumns + o) * channels + c] =
                pixel(filter, pixels, at, channels, columns, outColumns, o);
          }
        }
      }
      byte[] expected = new byte[outRows * outColumns * channels];
      for (int i = 0; i < expected.length; i++) {
        int width = outColumns * channels;
        expected[i] = pixel(filter, wide, i % width, width, rows, outRows, i / width);
      }
      assertArrayEquals(
          expected, resize(filter, pixels, rows, columns, channels, outRows, outColumns));
    }
  }

  /** Output o of one line of {@code size} pixels, the first at {@code at}. */
  private static byte pixel(
      ResizeFilter filter, byte[] line, int at, int stride, int size, int outSize, int o) {
    if (size == outSize) {
      return line[at + o * stride];
    }
    double scale = (double) size / outSize;
    double center = (o + 0.5) * scale;
    double total = 0;
    for (int x = 0; x < size; x++) {
      total += weight(filter, x, size, center, Math.max(1, scale));
    }
    long sum = 1L << 21;
    for (int x = 0; x < size; x++) {
      double share = weight(filter, x, size, center, Math.max(1, scale)) / total * (1L << 22);
      long rounded = share < 0 ? -(long) (0.5 - share) : (long) (0.5 + share);
      sum += rounded * Byte.toUnsignedInt(line[at + x * stride]);
    }
    return (byte) Math.max(0, Math.min(255, sum >> 22));
  }

  private static double weight(
      ResizeFilter filter, int x, int size, double center, double filterScale) {
    int support =
        switch (filter) {
          case BILINEAR -> 1;
          case BICUBIC -> 2;
          case LANCZOS -> 3;
        };
    int from = Math.max(0, (int) (center - support * filterScale + 0.5));
    int to = Math.min(size, (int) (center + support * filterScale + 0.5));
    double distance = Math.abs((x - center + 0.5) / filterScale);
    if (x < from || x >= to || distance >= support) {
      return 0;
    }
    return switch (filter) {
      case BILINEAR -> 1 - distance;
      // The two pieces of Keys' cubic from their values and slopes at 0, 1 and 2.
      case BICUBIC ->
          distance < 1
              ? 1 - distance * distance * (2.5 - 1.5 * distance)
              : 2 - 4 * distance + distance * distance * (2.5 - 0.5 * distance);
      case LANCZOS -> sinc(distance) * sinc(distance / 3);
    };
  }

  private static double sinc(double x) {
    return x == 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
  }

  @Test
  void refusesImagesWithoutPixels() {
    refused(
        "expected images with pixels, found U8[0, 3, 1] and U8[2, 2, 1]",
        () -> resize(BILINEAR, new byte[0], 0, 3, 1, 2, 2));
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  private static byte[] resize(
      ResizeFilter filter,
      byte[] pixels,
      int rows,
      int columns,
      int channels,
      int outRows,
      int outColumns) {
    Tensor x =
        Tensor.host(DType.U8, Shape.of(rows, columns, channels), MemorySegment.ofArray(pixels));
    return KernelHarness.shared(
        ResizeAntialiased.class,
        DType.U8,
        (kernel, out) -> kernel.run(x, filter, out),
        outRows,
        outColumns,
        channels);
  }
}
