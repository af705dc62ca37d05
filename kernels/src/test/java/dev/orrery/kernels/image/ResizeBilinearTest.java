package dev.orrery.kernels.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ResizeBilinearTest {
  /**
   * By hand: three columns to one, scale and support 3, centre 1.5: weights 2/3, 1, 2/3 over 7/3,
   * so 2/7 * 10 + 3/7 * 20 + 2/7 * 60 = 28.57, rounded to 29. One column to two: both outputs see
   * only that pixel.
   */
  @Test
  void matchesValuesDerivedByHand() {
    assertArrayEquals(new byte[] {29}, resize(new byte[] {10, 20, 60}, 1, 3, 1, 1, 1));
    assertArrayEquals(new byte[] {9, 9}, resize(new byte[] {9}, 1, 1, 1, 1, 2));
  }

  /** Two pixels to four: centres at 1/4, 3/4, 5/4, 7/4, so the inner outputs mix 3 : 1. */
  @Test
  void interpolatesWhenEnlarging() {
    byte[] expected = {0, 50, (byte) 150, (byte) 200};
    assertArrayEquals(expected, resize(new byte[] {0, (byte) 200}, 1, 2, 1, 1, 4));
    assertArrayEquals(expected, resize(new byte[] {0, (byte) 200}, 2, 1, 1, 4, 1));
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
    byte[] wide = new byte[rows * outColumns * channels];
    for (int y = 0; y < rows; y++) {
      for (int o = 0; o < outColumns; o++) {
        for (int c = 0; c < channels; c++) {
          int at = y * columns * channels + c;
          wide[(y * outColumns + o) * channels + c] =
              pixel(pixels, at, channels, columns, outColumns, o);
        }
      }
    }
    byte[] expected = new byte[outRows * outColumns * channels];
    for (int i = 0; i < expected.length; i++) {
      int width = outColumns * channels;
      expected[i] = pixel(wide, i % width, width, rows, outRows, i / width);
    }
    assertArrayEquals(expected, resize(pixels, rows, columns, channels, outRows, outColumns));
  }

  /** Output o of one line of {@code size} pixels, the first at {@code at}. */
  private static byte pixel(byte[] line, int at, int stride, int size, int outSize, int o) {
    if (size == outSize) {
      return line[at + o * stride];
    }
    double scale = (double) size / outSize;
    double support = Math.max(1, scale);
    double center = (o + 0.5) * scale;
    double total = 0;
    for (int x = 0; x < size; x++) {
      total += weight(x, size, center, support);
    }
    long sum = 1L << 21;
    for (int x = 0; x < size; x++) {
      long share = (long) (0.5 + weight(x, size, center, support) / total * (1L << 22));
      sum += share * Byte.toUnsignedInt(line[at + x * stride]);
    }
    return (byte) Math.max(0, Math.min(255, sum >> 22));
  }

  private static double weight(int x, int size, double center, double support) {
    int from = Math.max(0, (int) (center - support + 0.5));
    int to = Math.min(size, (int) (center + support + 0.5));
    return x < from || x >= to ? 0 : Math.max(0, 1 - Math.abs((x - center + 0.5) / support));
  }

  @Test
  void refusesPicturesWithoutPixels() {
    assertThrows(IllegalArgumentException.class, () -> resize(new byte[0], 0, 3, 1, 2, 2));
  }

  private static byte[] resize(
      byte[] pixels, int rows, int columns, int channels, int outRows, int outColumns) {
    byte[] resized = new byte[outRows * outColumns * channels];
    try (CpuBackend backend = CpuBackend.simd(3)) {
      backend
          .kernel(ResizeBilinear.class)
          .run(
              picture(pixels, rows, columns, channels),
              picture(resized, outRows, outColumns, channels));
    }
    return resized;
  }

  private static Tensor picture(byte[] pixels, int rows, int columns, int channels) {
    return Tensor.host(DType.U8, Shape.of(rows, columns, channels), MemorySegment.ofArray(pixels));
  }
}
