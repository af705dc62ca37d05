package dev.orrery.video;

import dev.orrery.runtime.files.PendingOutput;
import dev.orrery.video.UnusableVideoException.Problem;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.FileImageOutputStream;

/** Writes an animated GIF that repeats for ever, with a palette of its own for each frame. */
final class GifSink extends PendingSink {
  /** Browsers show frames of less than two hundredths of a second at a tenth of the speed. */
  private static final int MAX_FRAMES_PER_SECOND = 50;

  /** Its sizes have two bytes. */
  private static final int MAX_SIDE = 65_535;

  private static final String METADATA = "javax_imageio_gif_image_1.0";

  private final VideoFormat format;
  private final FileImageOutputStream stream;
  private final ImageWriter writer;
  private int frames;

  GifSink(Path target, VideoFormat format) throws IOException {
    check(target, format);
    PendingOutput output = PendingOutput.file(target);
    super(format, output);
    this.format = format;
    this.writer = ImageIO.getImageWritersByFormatName("gif").next();
    try {
      this.stream = new FileImageOutputStream(output.temporary().toFile());
      writer.setOutput(stream);
      writer.prepareWriteSequence(null);
    } catch (IOException e) {
      output.close();
      throw output.explained(e);
    }
  }

  /**
   * Requires that a GIF can hold frames of a format.
   *
   * @throws UnusableVideoException if they are too large or follow too fast
   */
  static void check(Path target, VideoFormat format) {
    if (format.rate().isAbove(MAX_FRAMES_PER_SECOND)) {
      throw new UnusableVideoException(
          Problem.TOO_FAST,
          target
              + ": a GIF shows at most "
              + MAX_FRAMES_PER_SECOND
              + " frames per second, found "
              + format.rate());
    }
    if (Math.max(format.width(), format.height()) > MAX_SIDE) {
      throw new UnusableVideoException(
          Problem.TOO_LARGE,
          target
              + ": "
              + format.width()
              + "x"
              + format.height()
              + " pixels are too many for a GIF; write a folder instead");
    }
  }

  @Override
  void append(byte[] rgb, int from) throws IOException {
    writer.writeToSequence(new IIOImage(image(rgb, from), null, metadata(frames++)), null);
  }

  @Override
  void end() throws IOException {
    writer.endWriteSequence();
    stream.close();
  }

  @Override
  void release() {
    writer.dispose();
    try {
      stream.close();
    } catch (IOException e) {
      // The file was completed, or is deleted anyway.
    }
  }

  private BufferedImage image(byte[] rgb, int from) {
    int[] row = new int[format.width()];
    BufferedImage image =
        new BufferedImage(format.width(), format.height(), BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < format.height(); y++) {
      for (int x = 0; x < row.length; x++) {
        int at = from + 3 * (y * row.length + x);
        row[x] = (rgb[at] & 255) << 16 | (rgb[at + 1] & 255) << 8 | rgb[at + 2] & 255;
      }
      image.setRGB(0, y, row.length, 1, row, 0, row.length);
    }
    return image;
  }

  /** Hundredths of a second that a frame stays, so that rounding never adds up. */
  private long delay(int frame) {
    return format.rate().hundredths(frame + 1) - format.rate().hundredths(frame);
  }

  private IIOMetadata metadata(int frame) throws IOException {
    IIOMetadata metadata =
        writer.getDefaultImageMetadata(
            ImageTypeSpecifier.createFromBufferedImageType(BufferedImage.TYPE_INT_RGB), null);
    IIOMetadataNode control = new IIOMetadataNode("GraphicControlExtension");
    control.setAttribute("disposalMethod", "none");
    control.setAttribute("userInputFlag", "FALSE");
    control.setAttribute("transparentColorFlag", "FALSE");
    control.setAttribute("delayTime", Long.toString(delay(frame)));
    control.setAttribute("transparentColorIndex", "0");
    IIOMetadataNode root = new IIOMetadataNode(METADATA);
    root.appendChild(control);
    if (frame == 0) {
      root.appendChild(repeatForEver());
    }
    metadata.mergeTree(METADATA, root);
    return metadata;
  }

  /** The Netscape extension: sub-block 1, then the number of repetitions, 0 for no end. */
  private static IIOMetadataNode repeatForEver() {
    IIOMetadataNode extension = new IIOMetadataNode("ApplicationExtension");
    extension.setAttribute("applicationID", "NETSCAPE");
    extension.setAttribute("authenticationCode", "2.0");
    extension.setUserObject(new byte[] {1, 0, 0});
    IIOMetadataNode extensions = new IIOMetadataNode("ApplicationExtensions");
    extensions.appendChild(extension);
    return extensions;
  }
}
