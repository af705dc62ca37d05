package dev.orrery.weights.source;

import dev.orrery.runtime.checkpoint.CheckpointException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The files of a folder and its sub-folders, each of which may also be a symbolic link. */
public final class FolderFiles {
  private FolderFiles() {}

  /**
   * Lists regular files in the order of their paths.
   *
   * @param folder their beginning
   * @param maxDepth how many folders deep they are looked for
   * @throws CheckpointException if a folder cannot be read, or links lead round in a circle
   */
  public static List<Path> of(Path folder, int maxDepth) {
    try (Stream<Path> files = Files.walk(folder, maxDepth, FileVisitOption.FOLLOW_LINKS)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    } catch (IOException e) {
      throw CheckpointException.cannotRead(folder, e);
    } catch (UncheckedIOException e) {
      throw CheckpointException.cannotRead(folder, e.getCause());
    }
  }
}
