package dev.orrery.weights.source;

import dev.orrery.model.session.Progress;
import dev.orrery.runtime.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Takes files over without change. */
public final class FileTransfer {
  private static final int COPY_BYTES = 4 << 20;

  private FileTransfer() {}

  /**
   * Gives a file a second name where the file system can, else copies it.
   *
   * @param target a name that is free
   * @param progress receives the copied MiB; an exception that it throws ends the work
   * @return whether the two are one file now
   * @throws CheckpointException if there is no such file
   * @throws IOException if it cannot be copied
   */
  public static boolean transfer(Path source, Path target, Progress progress) throws IOException {
    if (!Files.isRegularFile(source)) {
      throw new CheckpointException(
          source.toString(),
          "expected a file, found " + (Files.exists(source) ? "something else" : "nothing"));
    }
    try {
      // The file itself: a link to a link would end with the folder of a download cache.
      Files.createLink(target, source.toRealPath());
      return true;
    } catch (IOException | UnsupportedOperationException e) {
      // Another disk, or a file system without links.
      copy(source, target, progress);
      return false;
    }
  }

  private static void copy(Path source, Path target, Progress progress) throws IOException {
    String stage = "copying " + source.getFileName() + ", MiB";
    try (FileChannel in = FileChannel.open(source, StandardOpenOption.READ);
        FileChannel out =
            FileChannel.open(target, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      ByteBuffer buffer = ByteBuffer.allocateDirect(COPY_BYTES);
      int total = (int) Math.max(1, in.size() >> 20);
      while (in.read(buffer.clear()) >= 0) {
        buffer.flip();
        while (buffer.hasRemaining()) {
          out.write(buffer);
        }
        progress.report(stage, (int) Math.min(total, in.position() >> 20), total);
      }
    }
  }
}
