package dev.orrery.play;

import dev.orrery.model.session.VideoFrames;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Makes JPEG pictures of video frames. Not for several threads. */
final class JpegEncoder implements AutoCloseable {
  private final ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
  private final ImageWriteParam parameters = writer.getDefaultWriteParam();

  /**
   * @param quality 0 to 1
   */
  JpegEncoder(float quality) {
    parameters.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
    parameters.setCompressionQuality(quality);
  }

  /** A frame, whole and as large as it is. */
  byte[] encode(VideoFrames frames, int index) {
    return encode(picture(frames, index, 1));
  }

  /** A frame of which only every n-th row and column is taken. */
  byte[] thumbnail(VideoFrames frames, int index, int every) {
    return encode(picture(frames, index, every));
  }

  private static BufferedImage picture(VideoFrames frames, int index, int every) {
    int width = Math.ceilDiv(frames.width(), every);
    int height = Math.ceilDiv(frames.height(), every);
    int[] row = new int[width];
    BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    byte[] rgb = frames.rgb();
    for (int y = 0; y < height; y++) {
      int from = ((index * frames.height() + y * every) * frames.width()) * 3;
      for (int x = 0; x < width; x++) {
        int at = from + x * every * 3;
        row[x] = (rgb[at] & 0xff) << 16 | (rgb[at + 1] & 0xff) << 8 | rgb[at + 2] & 0xff;
      }
      picture.setRGB(0, y, width, 1, row, 0, width);
    }
    return picture;
  }

  private byte[] encode(BufferedImage picture) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      writer.setOutput(out);
      writer.write(null, new IIOImage(picture, null, null), parameters);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      writer.setOutput(null);
    }
    return bytes.toByteArray();
  }

  @Override
  public void close() {
    writer.dispose();
  }
}
