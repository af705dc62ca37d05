package dev.orrery.runtime.media;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/** The images of {@code resources/images}, and what other decoders see in them. */
final class ImageVariants {
  private static final Map<String, RgbImage> EXPECTED = readExpected();

  private ImageVariants() {}

  /** The images by the names of their files. */
  static Map<String, RgbImage> expected() {
    return EXPECTED;
  }

  static byte[] bytes(String name) throws IOException {
    try (InputStream in = ImageVariants.class.getResourceAsStream("/images/" + name)) {
      return in.readAllBytes();
    }
  }

  static Path copy(String name, Path folder) throws IOException {
    return Files.write(folder.resolve(name), bytes(name));
  }

  private static Map<String, RgbImage> readExpected() {
    Map<String, RgbImage> images = new TreeMap<>();
    try (ZipInputStream zip =
        new ZipInputStream(ImageVariants.class.getResourceAsStream("/images/expected.zip"))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        images.put(entry.getName().replaceFirst("\\.ppm$", ""), parse(zip.readAllBytes()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return images;
  }

  private static RgbImage parse(byte[] ppm) {
    int line = 0;
    while (ppm[line] != '\n') {
      line++;
    }
    String[] header = new String(ppm, 0, line, StandardCharsets.US_ASCII).split(" ");
    byte[] rgb = Arrays.copyOfRange(ppm, line + 1, ppm.length);
    return new RgbImage(Integer.parseInt(header[1]), Integer.parseInt(header[2]), rgb);
  }
}
