package dev.orrery.runtime.media;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An image that is too large for the memory at hand is not called broken. */
class ImageMemoryTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"png", "jpg", "gif", "bmp"})
  void lackOfMemoryIsSaid(String format) throws IOException, InterruptedException {
    Path file = folder.resolve("large." + format);
    BufferedImage image = new BufferedImage(4000, 3000, BufferedImage.TYPE_3BYTE_BGR);
    assertTrue(ImageIO.write(image, format, file.toFile()));
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx16m",
                "-cp",
                System.getProperty("java.class.path"),
                Reader.class.getName(),
                file.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(1, TimeUnit.MINUTES));
    assertEquals(file + ": decoding the image of 4000x3000 pixels", said.strip());
  }

  /** Reads an image in a small heap. */
  static final class Reader {
    private Reader() {}

    public static void main(String[] arguments) throws IOException {
      try {
        RgbImage.read(Path.of(arguments[0]));
      } catch (OutOfMemoryError e) {
        System.out.println(e.getMessage());
      }
    }
  }
}
