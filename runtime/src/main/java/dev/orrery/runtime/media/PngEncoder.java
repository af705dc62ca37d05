package dev.orrery.runtime.media;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Writes an {@link RgbImage} as PNG. */
final class PngEncoder {
  private PngEncoder() {}

  static void encode(RgbImage image, Path file) throws IOException {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("png").next();
    // Not ImageIO.write: it swallows a full disk when its stream is closed.
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file));
        MemoryCacheImageOutputStream stream = new MemoryCacheImageOutputStream(out)) {
      writer.setOutput(stream);
      writer.write(image.toBufferedImage());
    } finally {
      writer.dispose();
    }
  }
}
