package dev.orrery.model.worldplay;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.runtime.media.RgbImage;
import java.util.zip.CRC32;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WorldPlayStartImageTest {
  /**
   * Odd sizes, images of one and two pixels across, one that is nearly of the wanted size, and one
   * that truncation leaves a column short. The checksums are those of the bytes that Pillow 12.3
   * gives with the reference's steps.
   */
  @ParameterizedTest
  @CsvSource({
    "97, 61, 96, 64, 77310384",
    "333, 207, 96, 64, 1333154286",
    "1, 1, 96, 64, 327950488",
    "2, 150, 96, 64, 3159661204",
    "211, 2, 96, 64, 2574637573",
    "5, 93, 80, 48, 3550462394",
    "300, 29, 80, 48, 363488542",
    "1281, 705, 1280, 704, 85060379",
    "47, 32, 96, 64, 771361929"
  })
  void givesTheBytesOfPillow(int columns, int rows, int width, int height, long checksum) {
    byte[] bytes = new byte[3 * width * height];
    try (CpuBackend backend = CpuBackend.simd(2)) {
      float[] values =
          WorldPlayStartImage.prepare(pattern(columns, rows), height, width, backend).toFloats();
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = (byte) Math.round((values[i] + 1) * 127.5f);
      }
    }
    CRC32 crc = new CRC32();
    crc.update(bytes);
    assertEquals(checksum, crc.getValue());
  }

  private static RgbImage pattern(int columns, int rows) {
    byte[] rgb = new byte[3 * columns * rows];
    for (int i = 0; i < rgb.length; i++) {
      int x = i / 3 % columns;
      int y = i / 3 / columns;
      rgb[i] = (byte) (x * 7 + y * 13 + i % 3 * 31 ^ x * y);
    }
    return new RgbImage(columns, rows, rgb);
  }
}
