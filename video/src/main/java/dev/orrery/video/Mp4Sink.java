package dev.orrery.video;

import dev.orrery.runtime.files.PendingOutput;
import dev.orrery.video.UnusableVideoException.Problem;
import java.io.IOException;
import java.nio.file.Path;

/** Writes an H.264 video in an MP4 container that starts playing before all of it has arrived. */
final class Mp4Sink extends PendingSink {
  /** The encoder's own lower limit. */
  private static final int MIN_SIZE = 16;

  /** Blocks of 16x16 pixels in a frame of the highest H.264 level that the encoder knows, 5.2. */
  private static final int MAX_BLOCKS = 36_864;

  /** No side of a frame may be longer than this many blocks: sqrt(8 * MAX_BLOCKS). */
  private static final int MAX_SIDE_BLOCKS = 543;

  private final H264Encoder encoder;

  Mp4Sink(Path target, VideoFormat format) throws IOException {
    check(target, format);
    PendingOutput output = PendingOutput.file(target);
    super(format, output);
    try {
      this.encoder = new H264Encoder(output.temporary(), format);
    } catch (IOException e) {
      output.close();
      throw output.explained(e);
    } catch (LinkageError e) {
      output.close();
      throw new IOException(
          "the MP4 encoder cannot be loaded here; write a .gif or a folder instead (" + e + ")", e);
    }
  }

  /**
   * Requires that the encoder can write frames of a format.
   *
   * @throws UnusableVideoException if they are too small or too large
   */
  static void check(Path target, VideoFormat format) {
    String size = format.width() + "x" + format.height();
    if (format.width() < MIN_SIZE || format.height() < MIN_SIZE) {
      throw new UnusableVideoException(
          Problem.TOO_SMALL,
          target
              + ": an MP4 needs at least "
              + MIN_SIZE
              + "x"
              + MIN_SIZE
              + " pixels, found "
              + size
              + "; write a .gif or a folder instead");
    }
    int across = Math.ceilDiv(format.width(), 16);
    int down = Math.ceilDiv(format.height(), 16);
    if (Math.max(across, down) > MAX_SIDE_BLOCKS || across * down > MAX_BLOCKS) {
      throw new UnusableVideoException(
          Problem.TOO_LARGE,
          target
              + ": "
              + size
              + " pixels are too many for H.264; write a .gif or a folder instead");
    }
  }

  @Override
  void append(byte[] rgb, int from) throws IOException {
    encoder.encode(rgb, from);
  }

  @Override
  void end() throws IOException {
    encoder.finish();
  }

  @Override
  void release() {
    encoder.close();
  }
}
