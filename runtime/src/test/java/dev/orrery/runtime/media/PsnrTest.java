package dev.orrery.runtime.media;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class PsnrTest {
  @Test
  void comparesBytesWithoutSign() {
    assertEquals(0, Psnr.decibels(new byte[] {0, 0}, new byte[] {-1, -1}), 1e-12);
    // One step of 128 in four bytes: a mean square of 4096.
    byte[] black = new byte[4];
    byte[] grey = {0, (byte) 128, 0, 0};
    assertEquals(10 * Math.log10(65025 / 4096.0), Psnr.decibels(black, grey), 1e-12);
    assertEquals(Double.POSITIVE_INFINITY, Psnr.decibels(grey, grey));
  }

  @Test
  void refusesPicturesOfTwoSizes() {
    assertEquals(
        "images: expected two of one size, found 2 and 3 bytes",
        assertThrows(IllegalArgumentException.class, () -> Psnr.decibels(new byte[2], new byte[3]))
            .getMessage());
    assertEquals(
        "images: expected two of one size, found 0 and 0 bytes",
        assertThrows(IllegalArgumentException.class, () -> Psnr.decibels(new byte[0], new byte[0]))
            .getMessage());
  }
}
