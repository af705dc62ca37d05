package dev.orrery.runtime.media;

import dev.orrery.runtime.media.JpegHeader.UnreadVariantException;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/** Turns an image file into an {@link RgbImage}. */
final class ImageDecoder {
  /** What messages call an image that came without a file. */
  private static final String NAMELESS = "picture";

  /** What libjpeg says of bytes between the pixels and the next marker. */
  private static final Pattern EXTRANEOUS =
      Pattern.compile("Corrupt JPEG data: (\\d+) extraneous bytes before marker 0xd9");

  /** Bytes that encoders leave behind the last pixel; phones and webcams do, one or two. */
  private static final int MAX_PADDING = 16;

  /** What the JDK says of a GIF that leaves its colours to the viewer. */
  private static final String NO_COLOR_TABLE = "Use default color table.";

  private final ImageSource source;
  private final long maxPixels;

  /** Columns and rows as far as they are known, for messages. */
  private String size = "";

  private ImageDecoder(ImageSource source, long maxPixels) {
    this.source = source;
    this.maxPixels = maxPixels;
  }

  static RgbImage decode(Path file) throws UnreadableImageException {
    ImageDecoder decoder = new ImageDecoder(new ImageSource.InFile(file), ImageLimits.MOST_PIXELS);
    if (!Files.exists(file)) {
      throw decoder.refusal("no such file", null);
    }
    if (!Files.isRegularFile(file)) {
      throw decoder.refusal("not a file", null);
    }
    if (!Files.isReadable(file)) {
      throw decoder.refusal("cannot be read", null);
    }
    return decoder.decode();
  }

  static RgbImage decode(InputStream in, ImageLimits limits) throws IOException {
    byte[] bytes = in.readNBytes(limits.bytes() + 1);
    ImageDecoder decoder =
        new ImageDecoder(new ImageSource.InMemory(NAMELESS, bytes), limits.pixels());
    if (bytes.length > limits.bytes()) {
      throw decoder.refusal("more than the " + limits.bytes() + " bytes allowed", null);
    }
    return decoder.decode();
  }

  private RgbImage decode() throws UnreadableImageException {
    try (FileBytes bytes = source.open()) {
      byte[] head = new byte[(int) Math.min(ImageKind.HEAD, bytes.size())];
      bytes.read(0, head.length).get(head);
      Optional<ImageFormat> format = ImageKind.readable(head);
      if (format.isEmpty()) {
        throw refusal(ImageKind.refusal(head), null);
      }
      return decode(format.get(), bytes);
    } catch (UnreadableImageException e) {
      throw e;
    } catch (UnreadVariantException e) {
      throw refusal(e.getMessage() + ", which is not read; save it as an ordinary JPEG or PNG", e);
    } catch (OutOfMemoryError e) {
      throw tooLarge(e);
    } catch (IOException | RuntimeException e) {
      // Decoders fail on broken files with all kinds of unchecked exceptions, too.
      if (isLackOfMemory(e)) {
        throw tooLarge(e);
      }
      throw refusal("broken or unsupported image" + detail(e), e);
    }
  }

  private RgbImage decode(ImageFormat format, FileBytes bytes) throws IOException {
    ImageReader reader = reader(format);
    try (ImageInputStream stream = stream(format, bytes)) {
      List<String> warnings = new ArrayList<>();
      reader.setInput(stream, true, true);
      reader.addIIOReadWarningListener((_, warning) -> warnings.add(warning));
      checkSize(reader.getWidth(0), reader.getHeight(0));
      ImageLayout layout = ImageLayout.of(format, bytes);
      if (layout.canvas().width() > 0) {
        checkSize(layout.canvas().width(), layout.canvas().height());
      }
      RgbImage stored = RgbSamples.of(reader.read(0));
      if (format == ImageFormat.JPEG || format == ImageFormat.GIF) {
        checkWarnings(warnings);
      }
      return layout.orientation().apply(layout.canvas().place(stored));
    } finally {
      reader.dispose();
    }
  }

  /** The JDK's own reader where it has one: those of others take samples in other ways. */
  private ImageReader reader(ImageFormat format) throws UnreadableImageException {
    Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName(format.name());
    ImageReader found = null;
    while (readers.hasNext()) {
      ImageReader next = readers.next();
      boolean own = next.getClass().getModule() == ImageIO.class.getModule();
      if (found == null || own) {
        found = next;
      }
    }
    if (found == null) {
      throw refusal(
          format.title()
              + ", for which no reader is on the class path"
              + " (com.twelvemonkeys.imageio:imageio-webp is one); convert it to PNG or JPEG",
          null);
    }
    return found;
  }

  /** What a reader is given: the file, or as much of it as it cannot get wrong. */
  private ImageInputStream stream(ImageFormat format, FileBytes bytes) throws IOException {
    return switch (format) {
      case PNG, GIF, BMP -> source.stream();
      case JPEG -> {
        JpegHeader header = JpegHeader.of(bytes);
        header.requireFewScans(bytes);
        InputStream start = new ByteArrayInputStream(header.bytes());
        yield new MemoryCacheImageInputStream(
            new SequenceInputStream(start, bytes.streamFrom(header.scan())));
      }
      case WEBP -> {
        byte[] frame = WebpContainer.of(bytes).frameFile(bytes);
        yield new MemoryCacheImageInputStream(new ByteArrayInputStream(frame));
      }
    };
  }

  private void checkSize(int width, int height) throws UnreadableImageException {
    size = width + "x" + height + " pixels";
    if ((long) width * height > maxPixels) {
      String allowed =
          maxPixels % 1_000_000 == 0 ? maxPixels / 1_000_000 + " million" : "" + maxPixels;
      throw refusal(size + ", more than the " + allowed + " allowed", null);
    }
  }

  /**
   * Requires that a JPEG or GIF was whole. Their decoders make up what is missing or damaged and
   * warn; what else libjpeg may warn about are the segments that {@link JpegHeader} leaves out.
   */
  private void checkWarnings(List<String> warnings) throws UnreadableImageException {
    for (String warning : warnings) {
      Matcher extraneous = EXTRANEOUS.matcher(warning);
      boolean padding =
          extraneous.matches() && Integer.parseInt(extraneous.group(1)) <= MAX_PADDING;
      if (!padding && !warning.equals(NO_COLOR_TABLE)) {
        throw refusal("broken image (" + firstLine(warning) + ")", null);
      }
    }
  }

  private UnreadableImageException refusal(String reason, Throwable cause) {
    return new UnreadableImageException(source.name(), reason, cause);
  }

  private OutOfMemoryError tooLarge(Throwable cause) {
    String pixels = size.isEmpty() ? "" : " of " + size;
    OutOfMemoryError error = new OutOfMemoryError(source.name() + ": decoding the image" + pixels);
    error.initCause(cause);
    return error;
  }

  /** Whether memory was lacking; decoders wrap that like a broken file. */
  private static boolean isLackOfMemory(Throwable e) {
    for (Throwable next = e; next != null; next = next.getCause()) {
      if (next instanceof OutOfMemoryError) {
        return true;
      }
    }
    // What libjpeg says when its own memory ends.
    return e.getMessage() != null && e.getMessage().startsWith("Insufficient memory");
  }

  private static String detail(Throwable e) {
    if (e instanceof EOFException) {
      return " (the file ends before the image does)";
    }
    return e.getMessage() == null ? "" : " (" + firstLine(e.getMessage()) + ")";
  }

  private static String firstLine(String message) {
    return message.lines().findFirst().orElse("");
  }
}
