package dev.orrery.runtime.media;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RgbImageTest {
  @TempDir Path folder;

  @Test
  void pngComesBackExactly() throws IOException {
    byte[] rgb = new byte[3 * 13 * 7];
    new Random(1).nextBytes(rgb);
    Path file = folder.resolve("a.png");
    new RgbImage(13, 7, rgb).writePng(file);
    RgbImage read = RgbImage.read(file);
    assertEquals(13, read.width());
    assertEquals(7, read.height());
    assertArrayEquals(rgb, read.rgb());
  }

  /** Of the pixels 1 2 3 / 4 5 6, with red = the number: inside, over each edge, and outside. */
  @Test
  void cropsAndFillsWithBlack() {
    byte[] rgb = new byte[18];
    for (int pixel = 0; pixel < 6; pixel++) {
      rgb[3 * pixel] = (byte) (pixel + 1);
    }
    RgbImage image = new RgbImage(3, 2, rgb);
    assertArrayEquals(new int[] {2, 5}, reds(image.crop(1, 0, 1, 2)));
    assertArrayEquals(new int[] {0, 0, 0, 0, 1, 2}, reds(image.crop(-1, -1, 3, 2)));
    assertArrayEquals(new int[] {6, 0, 0, 0}, reds(image.crop(2, 1, 2, 2)));
    assertArrayEquals(new int[] {0}, reds(image.crop(-5, 0, 1, 1)));
    assertArrayEquals(new int[] {0}, reds(image.crop(0, 7, 1, 1)));
  }

  private static int[] reds(RgbImage image) {
    int[] reds = new int[image.width() * image.height()];
    for (int pixel = 0; pixel < reds.length; pixel++) {
      reds[pixel] = image.rgb()[3 * pixel];
    }
    return reds;
  }

  @Test
  void greyKeepsItsValues() throws IOException {
    BufferedImage grey = new BufferedImage(256, 1, BufferedImage.TYPE_BYTE_GRAY);
    for (int x = 0; x < 256; x++) {
      grey.getRaster().setSample(x, 0, 0, x);
    }
    byte[] rgb = read(grey, "png").rgb();
    for (int x = 0; x < 256; x++) {
      assertPixel(rgb, x, x, x, x);
    }
  }

  @Test
  void sixteenBitGreyIsRounded() throws IOException {
    BufferedImage grey = new BufferedImage(3, 1, BufferedImage.TYPE_USHORT_GRAY);
    grey.getRaster().setPixels(0, 0, 3, 1, new int[] {0, 0x80FF, 0xFFFF});
    byte[] rgb = read(grey, "png").rgb();
    assertPixel(rgb, 0, 0, 0, 0);
    assertPixel(rgb, 1, 128, 128, 128);
    assertPixel(rgb, 2, 255, 255, 255);
  }

  @Test
  void sixteenBitColoursAreRounded() throws IOException {
    ComponentColorModel colors =
        new ComponentColorModel(
            ColorSpace.getInstance(ColorSpace.CS_sRGB),
            false,
            false,
            ComponentColorModel.OPAQUE,
            DataBuffer.TYPE_USHORT);
    WritableRaster raster =
        Raster.createInterleavedRaster(
            DataBuffer.TYPE_USHORT, 1, 1, 3, 3, new int[] {0, 1, 2}, null);
    raster.setPixel(0, 0, new int[] {257 * 200, 257 * 100 + 129, 257 * 50 - 129});
    byte[] rgb = read(new BufferedImage(colors, raster, false, null), "png").rgb();
    assertPixel(rgb, 0, 200, 101, 49);
  }

  @Test
  void palettesAreLookedUp() throws IOException {
    byte[] red = {10, (byte) 200};
    byte[] green = {20, (byte) 210};
    byte[] blue = {30, (byte) 220};
    IndexColorModel colors = new IndexColorModel(1, 2, red, green, blue);
    BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_BYTE_BINARY, colors);
    image.getRaster().setSample(1, 0, 0, 1);
    for (String format : new String[] {"png", "gif"}) {
      byte[] rgb = read(image, format).rgb();
      assertPixel(rgb, 0, 10, 20, 30);
      assertPixel(rgb, 1, 200, 210, 220);
    }
  }

  @Test
  void transparencyIsLaidOnBlack() throws IOException {
    BufferedImage image = new BufferedImage(3, 1, BufferedImage.TYPE_4BYTE_ABGR);
    image.setRGB(0, 0, 0x00FFFFFF);
    image.setRGB(1, 0, 0x80C86432);
    image.setRGB(2, 0, 0xFFC86432);
    byte[] rgb = read(image, "png").rgb();
    assertPixel(rgb, 0, 0, 0, 0);
    assertPixel(rgb, 1, 100, 50, 25);
    assertPixel(rgb, 2, 200, 100, 50);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void jpegOrientationIsApplied(int orientation) throws IOException {
    // Three columns, two rows of blocks that differ in brightness; block (0, 0) is the darkest.
    BufferedImage stored = new BufferedImage(48, 32, BufferedImage.TYPE_BYTE_GRAY);
    for (int y = 0; y < 32; y++) {
      for (int x = 0; x < 48; x++) {
        stored.getRaster().setSample(x, y, 0, 40 * (x / 16) + 120 * (y / 16));
      }
    }
    Path file = folder.resolve("o.jpg");
    Files.write(file, withOrientation(encode(stored, "jpg"), orientation));
    RgbImage read = RgbImage.read(file);
    int[][] expected =
        switch (orientation) {
          case 1 -> new int[][] {{0, 40, 80}, {120, 160, 200}};
          case 2 -> new int[][] {{80, 40, 0}, {200, 160, 120}};
          case 3 -> new int[][] {{200, 160, 120}, {80, 40, 0}};
          case 4 -> new int[][] {{120, 160, 200}, {0, 40, 80}};
          case 5 -> new int[][] {{0, 120}, {40, 160}, {80, 200}};
          case 6 -> new int[][] {{120, 0}, {160, 40}, {200, 80}};
          case 7 -> new int[][] {{200, 80}, {160, 40}, {120, 0}};
          default -> new int[][] {{80, 200}, {40, 160}, {0, 120}};
        };
    assertEquals(16 * expected.length, read.height());
    assertEquals(16 * expected[0].length, read.width());
    for (int y = 0; y < expected.length; y++) {
      for (int x = 0; x < expected[0].length; x++) {
        int at = 3 * ((16 * y + 8) * read.width() + 16 * x + 8);
        assertEquals(expected[y][x], read.rgb()[at] & 255, 4, "block " + x + "," + y);
      }
    }
  }

  @Test
  void missingFileIsOneLine() {
    assertMessage(folder.resolve("none.png"), "no such file");
    assertMessage(folder, "not a file");
  }

  @Test
  void textIsNotAPicture() throws IOException {
    Path file = folder.resolve("a.png");
    Files.writeString(file, "hello");
    assertMessage(file, "a text file, not an image");
    Files.writeString(file, "");
    assertMessage(file, "the file is empty");
  }

  @Test
  void truncatedPngIsRefused() throws IOException {
    byte[] rgb = new byte[3 * 64 * 64];
    new Random(1).nextBytes(rgb);
    Path file = folder.resolve("a.png");
    new RgbImage(64, 64, rgb).writePng(file);
    byte[] whole = Files.readAllBytes(file);
    for (int length : new int[] {8, 20, 40, whole.length / 2}) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertMessage(file, "broken or unsupported image");
    }
  }

  @Test
  void hugePictureIsRefusedFromItsHeader() throws IOException {
    Path file = folder.resolve("bomb.png");
    Files.write(file, pngHeader(100_000, 100_000));
    assertMessage(file, "100000x100000 pixels, more than the 64 million allowed");
  }

  @Test
  void sizeMustMatchTheBytes() {
    assertEquals(
        "expected 3 bytes for each of 2x2 pixels, found 11 bytes",
        assertThrows(IllegalArgumentException.class, () -> new RgbImage(2, 2, new byte[11]))
            .getMessage());
    assertEquals(
        "expected 3 bytes for each of 0x2 pixels, found 0 bytes",
        assertThrows(IllegalArgumentException.class, () -> new RgbImage(0, 2, new byte[0]))
            .getMessage());
  }

  private void assertMessage(Path file, String expected) {
    String message =
        assertThrows(UnreadableImageException.class, () -> RgbImage.read(file)).getMessage();
    assertTrue(message.startsWith(file + ": " + expected), message);
    assertFalse(message.contains("\n"), message);
  }

  private RgbImage read(BufferedImage image, String format) throws IOException {
    Path file = folder.resolve("image." + format);
    Files.write(file, encode(image, format));
    return RgbImage.read(file);
  }

  private static byte[] encode(BufferedImage image, String format) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    assertTrue(ImageIO.write(image, format, bytes));
    return bytes.toByteArray();
  }

  private static void assertPixel(byte[] rgb, int x, int red, int green, int blue) {
    byte[] expected = {(byte) red, (byte) green, (byte) blue};
    assertArrayEquals(expected, Arrays.copyOfRange(rgb, 3 * x, 3 * x + 3), "pixel " + x);
  }

  /** Inserts an Exif segment with nothing but the orientation behind the start marker. */
  private static byte[] withOrientation(byte[] jpeg, int orientation) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.write(jpeg, 0, 2);
    out.writeShort(0xFFE1);
    out.writeShort(2 + 6 + 8 + 2 + 12);
    out.write("Exif\0\0MM".getBytes(StandardCharsets.US_ASCII));
    out.writeShort(42);
    out.writeInt(8);
    out.writeShort(1);
    out.writeShort(0x0112);
    out.writeShort(3);
    out.writeInt(1);
    out.writeShort(orientation);
    out.writeShort(0);
    out.write(jpeg, 2, jpeg.length - 2);
    return bytes.toByteArray();
  }

  private static byte[] pngHeader(int width, int height) throws IOException {
    ByteArrayOutputStream header = new ByteArrayOutputStream();
    DataOutputStream fields = new DataOutputStream(header);
    fields.writeBytes("IHDR");
    fields.writeInt(width);
    fields.writeInt(height);
    fields.write(new byte[] {8, 2, 0, 0, 0});
    CRC32 crc = new CRC32();
    crc.update(header.toByteArray());
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeLong(0x89504E470D0A1A0AL);
    out.writeInt(13);
    header.writeTo(out);
    out.writeInt((int) crc.getValue());
    out.writeInt(0);
    out.writeBytes("IDAT");
    return bytes.toByteArray();
  }
}
