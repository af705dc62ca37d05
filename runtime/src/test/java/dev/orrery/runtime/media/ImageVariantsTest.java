package dev.orrery.runtime.media;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every variant of every format shows what independent decoders see in it. */
class ImageVariantsTest {
  /** What decoders of one lossy file may differ by, in decibels. */
  private static final double LOSSY_LIMIT = 38;

  @TempDir Path folder;

  static Set<String> names() {
    return ImageVariants.expected().keySet();
  }

  @Test
  void everyFormatIsThere() {
    for (String format : new String[] {".png", ".jpg", ".gif", ".bmp", ".webp"}) {
      assertTrue(names().stream().anyMatch(name -> name.endsWith(format)), format);
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void isReadAsOthersReadIt(String name) throws IOException {
    RgbImage expected = ImageVariants.expected().get(name);
    RgbImage read = RgbImage.read(ImageVariants.copy(name, folder));
    assertEquals(expected.width(), read.width());
    assertEquals(expected.height(), read.height());
    if (name.endsWith(".jpg") || name.contains("lossy")) {
      double decibels = Psnr.decibels(expected.rgb(), read.rgb());
      assertTrue(decibels >= LOSSY_LIMIT, decibels + " dB");
    } else {
      assertArrayEquals(expected.rgb(), read.rgb());
    }
  }

  /** Cut anywhere, a file is refused, or what is missing was no part of the picture. */
  @ParameterizedTest
  @MethodSource("names")
  void cutIsRefusedOrWhole(String name) throws IOException {
    byte[] whole = ImageVariants.bytes(name);
    Path file = ImageVariants.copy(name, folder);
    byte[] expected = RgbImage.read(file).rgb();
    int refused = 0;
    int step = Math.max(1, whole.length / 24);
    for (int length = 1; length < whole.length; length += length < whole.length - step ? step : 1) {
      Files.write(file, Arrays.copyOf(whole, length));
      try {
        assertArrayEquals(expected, RgbImage.read(file).rgb(), "the first " + length + " bytes");
      } catch (UnreadableImageException e) {
        refused++;
      }
    }
    assertTrue(refused > 0);
  }

  /** Two bytes wrong in the middle of the data that all later pixels follow from. */
  @ParameterizedTest
  @ValueSource(strings = {"png-rgb8.png", "png-grey1.png", "png-palette8-interlaced.png"})
  void wrongChecksumIsRefused(String name) throws IOException {
    byte[] bytes = ImageVariants.bytes(name);
    bytes[bytes.length / 2] ^= 4;
    assertRefused(Files.write(folder.resolve(name), bytes), "the checksum of a chunk is wrong");
  }

  @Test
  void damageThatTheDecoderOnlyWarnsAboutIsRefused() throws IOException {
    byte[] whole = ImageVariants.bytes("jpeg-restart.jpg");
    int restart = 0;
    while (whole[restart] != (byte) 0xFF || whole[restart + 1] != (byte) 0xD1) {
      restart++;
    }
    byte[] bytes = whole.clone();
    bytes[restart + 1] = (byte) 0xD4;
    assertRefused(Files.write(folder.resolve("a.jpg"), bytes), "found marker 0xd4");
    bytes = whole.clone();
    Arrays.fill(bytes, restart - 30, restart, (byte) 0xAA);
    assertRefused(Files.write(folder.resolve("b.jpg"), bytes), "Corrupt JPEG data");
  }

  @Test
  void manyBytesAfterTheLastPixelAreDamage() throws IOException {
    byte[] whole = ImageVariants.bytes("jpeg-padded-end.jpg");
    byte[] bytes = Arrays.copyOf(whole, whole.length + 30);
    bytes[whole.length - 2] = 0;
    bytes[whole.length - 1] = 0;
    bytes[bytes.length - 2] = (byte) 0xFF;
    bytes[bytes.length - 1] = (byte) 0xD9;
    assertRefused(Files.write(folder.resolve("a.jpg"), bytes), "extraneous bytes before marker");
  }

  @Test
  void codesOutOfSequenceInGifAreDamage() throws IOException {
    byte[] bytes = ImageVariants.bytes("gif-not-interlaced.gif");
    Arrays.fill(bytes, bytes.length / 2, bytes.length / 2 + 40, (byte) 0xFF);
    assertRefused(Files.write(folder.resolve("a.gif"), bytes), "Out-of-sequence code");
  }

  @Test
  void webpWhosePartsDisagreeIsRefused() throws IOException {
    byte[] bytes = ImageVariants.bytes("webp-lossy-alpha.webp");
    bytes[24]++;
    assertRefused(Files.write(folder.resolve("a.webp"), bytes), "parts disagree about its size");
  }

  static void assertRefused(Path file, String part) {
    String message =
        assertThrows(UnreadableImageException.class, () -> RgbImage.read(file)).getMessage();
    assertTrue(message.startsWith(file + ": ") && message.contains(part), message);
    assertEquals(1, message.lines().count(), message);
  }
}
