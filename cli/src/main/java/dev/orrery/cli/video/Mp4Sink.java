package dev.orrery.cli.video;

import dev.orrery.model.session.VideoFrames;
import dev.orrery.weights.output.PendingOutput;
import java.io.IOException;
import java.nio.file.Path;

/** Writes an H.264 video in an MP4 container that starts playing before all of it has arrived. */
final class Mp4Sink implements VideoSink {
  /** Blocks of 16x16 pixels in a frame of the highest H.264 level that the encoder knows, 5.2. */
  private static final int MAX_BLOCKS = 36_864;

  /** No side of a frame may be longer than this many blocks: sqrt(8 * MAX_BLOCKS). */
  private static final int MAX_SIDE_BLOCKS = 543;

  private final VideoFormat format;
  private final PendingOutput output;
  private final H264Encoder encoder;

  Mp4Sink(Path target, VideoFormat format) throws IOException {
    this.format = format;
    int across = Math.ceilDiv(format.width(), 16);
    int down = Math.ceilDiv(format.height(), 16);
    if (Math.max(across, down) > MAX_SIDE_BLOCKS || across * down > MAX_BLOCKS) {
      throw new UnsupportedVideoException(
          "%s: %dx%d pixels are too many for H.264; write a .gif or a folder instead"
              .formatted(target, format.width(), format.height()));
    }
    this.output = PendingOutput.file(target);
    try {
      this.encoder = new H264Encoder(output.temporary(), format);
    } catch (IOException e) {
      output.discard();
      throw output.explained(e);
    } catch (LinkageError e) {
      output.discard();
      throw new IOException(
          "the MP4 encoder cannot be loaded here; write a .gif or a folder instead (" + e + ")", e);
    }
  }

  @Override
  public synchronized void write(VideoFrames chunk) throws IOException {
    format.check(chunk);
    output.checkOpen();
    try {
      for (int i = 0; i < chunk.count(); i++) {
        encoder.encode(chunk.rgb(), i * format.frameBytes());
      }
    } catch (IOException e) {
      throw output.explained(e);
    }
  }

  @Override
  public synchronized void finish() throws IOException {
    output.checkOpen();
    try {
      encoder.finish();
    } catch (IOException e) {
      throw output.explained(e);
    }
    output.commit();
    encoder.close();
  }

  @Override
  public synchronized void close() {
    if (output.isOpen()) {
      encoder.close();
      output.discard();
    }
  }
}
