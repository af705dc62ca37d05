package dev.orrery.cli.video;

import dev.orrery.model.session.VideoFrames;
import dev.orrery.runtime.media.RgbImage;
import dev.orrery.weights.output.PendingOutput;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/** Writes each frame as an image: {@code frame-000000.png} and on. */
final class PngFolderSink implements VideoSink {
  private final VideoFormat format;
  private final PendingOutput output;
  private int frames;

  PngFolderSink(Path target, VideoFormat format) throws IOException {
    this.format = format;
    this.output = PendingOutput.folder(target);
  }

  @Override
  public synchronized void write(VideoFrames chunk) throws IOException {
    format.check(chunk);
    output.checkOpen();
    try {
      for (int i = 0; i < chunk.count(); i++) {
        int from = i * format.frameBytes();
        byte[] rgb = Arrays.copyOfRange(chunk.rgb(), from, from + format.frameBytes());
        Path file = output.temporary().resolve("frame-%06d.png".formatted(frames++));
        new RgbImage(format.width(), format.height(), rgb).writePng(file);
      }
    } catch (IOException e) {
      throw output.explained(e);
    }
  }

  @Override
  public synchronized void finish() throws IOException {
    output.checkOpen();
    output.commit();
  }

  @Override
  public synchronized void close() {
    if (output.isOpen()) {
      output.discard();
    }
  }
}
