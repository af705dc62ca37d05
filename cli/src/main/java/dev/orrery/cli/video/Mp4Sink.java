package dev.orrery.cli.video;

import dev.orrery.model.session.VideoFrames;
import java.io.IOException;
import java.nio.file.Path;

/** Writes an H.264 video in an MP4 container that starts playing before all of it has arrived. */
final class Mp4Sink implements VideoSink {
  private final VideoFormat format;
  private final PendingOutput output;
  private final H264Encoder encoder;

  Mp4Sink(Path target, VideoFormat format) throws IOException {
    this.format = format;
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
  public synchronized void write(VideoFrames block) throws IOException {
    format.check(block);
    output.checkOpen();
    try {
      for (int i = 0; i < block.count(); i++) {
        encoder.encode(block.rgb(), i * format.frameBytes());
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
