package dev.orrery.video;

import dev.orrery.runtime.files.PendingOutput;
import dev.orrery.runtime.media.RgbImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

/** Writes each frame as an image: {@code frame-000000.png} and on. */
final class PngFolderSink extends PendingSink {
  private final VideoFormat format;
  private final Path folder;
  private int frames;

  PngFolderSink(Path target, VideoFormat format) throws IOException {
    PendingOutput output = PendingOutput.folder(target);
    super(format, output);
    this.format = format;
    this.folder = output.temporary();
  }

  @Override
  void append(byte[] rgb, int from) throws IOException {
    byte[] frame = Arrays.copyOfRange(rgb, from, from + format.frameBytes());
    Path file = folder.resolve(String.format(Locale.ROOT, "frame-%06d.png", frames++));
    new RgbImage(format.width(), format.height(), frame).writePng(file);
  }

  @Override
  void end() {}

  @Override
  void release() {}
}
