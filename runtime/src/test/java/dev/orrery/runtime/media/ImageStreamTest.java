package dev.orrery.runtime.media;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Images that strangers send, and those of Java's own classes. */
class ImageStreamTest {
  @TempDir Path folder;

  static Set<String> names() {
    return ImageVariants.expected().keySet();
  }

  @ParameterizedTest
  @MethodSource("names")
  void isWhatIsReadFromAFile(String name) throws IOException {
    RgbImage expected = RgbImage.read(ImageVariants.copy(name, folder));
    RgbImage read = read(ImageVariants.bytes(name));
    assertEquals(expected.width(), read.width());
    assertEquals(expected.height(), read.height());
    assertArrayEquals(expected.rgb(), read.rgb());
  }

  @Test
  void isReadToItsEndAndStaysOpen() throws IOException {
    byte[] bytes = ImageVariants.bytes("jpeg-trailing-data.jpg");
    ByteArrayInputStream in =
        new ByteArrayInputStream(bytes) {
          @Override
          public void close() {
            throw new AssertionError("closed");
          }
        };
    RgbImage.read(in, ImageLimits.UPLOAD);
    assertEquals(0, in.available());
  }

  @Test
  void whatIsNoPictureIsNamed() {
    assertEquals(
        "picture: a text file, not an image; PNG, JPEG, WebP, GIF and BMP are read",
        refusal("start.png".getBytes(StandardCharsets.UTF_8)));
    assertEquals("picture: the file is empty", refusal(new byte[0]));
  }

  /** Their decoder paints the rest grey and warns. */
  @ParameterizedTest
  @ValueSource(strings = {"jpeg-420.jpg", "jpeg-444-progressive.jpg", "jpeg-cmyk.jpg"})
  void aCutJpegIsBroken(String name) throws IOException {
    byte[] whole = ImageVariants.bytes(name);
    String refusal = refusal(Arrays.copyOf(whole, whole.length / 2));
    assertTrue(refusal.startsWith("picture: broken image ("), refusal);
    assertEquals(1, refusal.lines().count());
  }

  /** Each scan of some bytes goes over all pixels again. */
  @Test
  void aJpegOfThousandsOfScansIsRefused() throws IOException {
    byte[] whole = ImageVariants.bytes("jpeg-444-progressive.jpg");
    int last = whole.length - 1;
    while (whole[last] != (byte) 0xFF || whole[last + 1] != (byte) 0xDA) {
      last--;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(whole, 0, last);
    for (int i = 0; i < 1000; i++) {
      bytes.write(whole, last, whole.length - 2 - last);
    }
    bytes.write(whole, whole.length - 2, 2);
    assertEquals(
        "picture: a JPEG of more than 500 scans, which is not read; save it as an ordinary JPEG or"
            + " PNG",
        refusal(bytes.toByteArray()));
  }

  /** All chunks are there and sound, but they hold half of the rows. */
  @Test
  void aPngWithTooFewPixelsIsBroken() throws IOException {
    byte[] rows = new byte[64 * (1 + 3 * 64)];
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (DeflaterOutputStream deflater = new DeflaterOutputStream(packed)) {
      deflater.write(rows);
    }
    assertEquals(64, read(png(64, 64, packed.toByteArray())).width());
    ByteArrayOutputStream half = new ByteArrayOutputStream();
    try (DeflaterOutputStream deflater = new DeflaterOutputStream(half)) {
      deflater.write(rows, 0, rows.length / 2);
    }
    String refusal = refusal(png(64, 64, half.toByteArray()));
    assertTrue(refusal.startsWith("picture: broken"), refusal);
  }

  /** Of an animation, the first frame is the picture. */
  @Test
  void anAnimationStartsWithItsFirstFrame() throws IOException {
    RgbImage expected = ImageVariants.expected().get("gif-animated.gif");
    assertArrayEquals(expected.rgb(), read(ImageVariants.bytes("gif-animated.gif")).rgb());
  }

  /** 3.6 thousand million pixels, of which the file has as many as 100 kB say. */
  @Test
  void aBombIsRefusedBeforeItTakesMemory() throws IOException {
    byte[] bomb = png(60_000, 60_000, new byte[100_000]);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    refusal(bomb); // Loads the classes.
    long before = threads.getCurrentThreadAllocatedBytes();
    assertEquals("picture: 60000x60000 pixels, more than the 16 million allowed", refusal(bomb));
    long taken = threads.getCurrentThreadAllocatedBytes() - before;
    assertTrue(taken < 4_000_000, taken + " bytes");
  }

  /** A frame of one pixel in a screen of four thousand million. */
  @Test
  void aHugeScreenIsRefused() throws IOException {
    byte[] gif = encode(new BufferedImage(1, 1, BufferedImage.TYPE_BYTE_BINARY), "gif");
    Arrays.fill(gif, 6, 10, (byte) 0xFF);
    assertEquals("picture: 65535x65535 pixels, more than the 16 million allowed", refusal(gif));
  }

  @ParameterizedTest
  @CsvSource({"png", "jpg", "gif", "bmp"})
  void pixelsBeyondTheLimitAreRefused(String format) throws IOException {
    byte[] bytes = encode(new BufferedImage(5, 3, BufferedImage.TYPE_3BYTE_BGR), format);
    ImageLimits enough = new ImageLimits(10_000, 15);
    assertEquals(5, RgbImage.read(new ByteArrayInputStream(bytes), enough).width());
    ImageLimits less = new ImageLimits(10_000, 14);
    assertEquals(
        "picture: 5x3 pixels, more than the 14 allowed",
        assertThrows(
                UnreadableImageException.class,
                () -> RgbImage.read(new ByteArrayInputStream(bytes), less))
            .getMessage());
  }

  @Test
  void bytesBeyondTheLimitAreNotRead() throws IOException {
    byte[] bytes = ImageVariants.bytes("png-rgb8.png");
    ImageLimits enough = new ImageLimits(bytes.length, 1_000_000);
    RgbImage.read(new ByteArrayInputStream(bytes), enough);
    int[] read = {0};
    InputStream endless =
        new InputStream() {
          @Override
          public int read() {
            int at = read[0]++;
            return at < bytes.length ? bytes[at] & 0xff : 0;
          }
        };
    assertEquals(
        "picture: more than the 16777216 bytes allowed",
        assertThrows(
                UnreadableImageException.class, () -> RgbImage.read(endless, ImageLimits.UPLOAD))
            .getMessage());
    assertEquals(ImageLimits.UPLOAD.bytes() + 1, read[0]);
  }

  @Test
  void aStreamThatFailsIsNoBrokenPicture() {
    IOException failure = new IOException("the line is dead");
    InputStream failing =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw failure;
          }
        };
    assertSame(
        failure, assertThrows(IOException.class, () -> RgbImage.read(failing, ImageLimits.UPLOAD)));
  }

  @Test
  void limitsHaveAMeaning() {
    assertEquals(
        "bytes: expected 1 to 2147483646, found 0",
        assertThrows(IllegalArgumentException.class, () -> new ImageLimits(0, 1)).getMessage());
    assertEquals(
        "pixels: expected 1 to 64000000, found 64000001",
        assertThrows(IllegalArgumentException.class, () -> new ImageLimits(1, 64_000_001))
            .getMessage());
  }

  @Test
  void javasImagesComeAndGo() {
    byte[] rgb = new byte[3 * 13 * 7];
    new Random(1).nextBytes(rgb);
    BufferedImage image = new RgbImage(13, 7, rgb).toBufferedImage();
    assertEquals(13, image.getWidth());
    assertEquals(7, image.getHeight());
    assertEquals(
        0xFF000000 | (rgb[3] & 255) << 16 | (rgb[4] & 255) << 8 | rgb[5] & 255, image.getRGB(1, 0));
    assertArrayEquals(rgb, RgbImage.of(image).rgb());
    BufferedImage packed = new BufferedImage(13, 7, BufferedImage.TYPE_INT_RGB);
    packed.getGraphics().drawImage(image, 0, 0, null);
    assertArrayEquals(rgb, RgbImage.of(packed).rgb());
    BufferedImage part = packed.getSubimage(4, 2, 3, 5);
    assertArrayEquals(new RgbImage(13, 7, rgb).crop(4, 2, 3, 5).rgb(), RgbImage.of(part).rgb());
    part = image.getSubimage(4, 2, 3, 5);
    assertArrayEquals(new RgbImage(13, 7, rgb).crop(4, 2, 3, 5).rgb(), RgbImage.of(part).rgb());
  }

  private static RgbImage read(byte[] bytes) throws IOException {
    return RgbImage.read(new ByteArrayInputStream(bytes), ImageLimits.UPLOAD);
  }

  private static String refusal(byte[] bytes) {
    String message = assertThrows(UnreadableImageException.class, () -> read(bytes)).getMessage();
    assertFalse(message.contains("\n"), message);
    return message;
  }

  private static byte[] encode(BufferedImage image, String format) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    assertTrue(ImageIO.write(image, format, bytes));
    return bytes.toByteArray();
  }

  /** A PNG of 8 bits for red, green and blue. */
  private static byte[] png(int width, int height, byte[] packed) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeLong(0x89504E470D0A1A0AL);
    ByteArrayOutputStream header = new ByteArrayOutputStream();
    DataOutputStream fields = new DataOutputStream(header);
    fields.writeInt(width);
    fields.writeInt(height);
    fields.write(new byte[] {8, 2, 0, 0, 0});
    chunk(out, "IHDR", header.toByteArray());
    chunk(out, "IDAT", packed);
    chunk(out, "IEND", new byte[0]);
    return bytes.toByteArray();
  }

  private static void chunk(DataOutputStream out, String kind, byte[] data) throws IOException {
    CRC32 crc = new CRC32();
    crc.update(kind.getBytes(StandardCharsets.US_ASCII));
    crc.update(data);
    out.writeInt(data.length);
    out.writeBytes(kind);
    out.write(data);
    out.writeInt((int) crc.getValue());
  }
}
