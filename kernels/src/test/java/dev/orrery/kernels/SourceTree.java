package dev.orrery.kernels;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The files of the project, for the tests of its structure. */
final class SourceTree {
  private SourceTree() {}

  /**
   * The root folder of the project.
   *
   * @throws IllegalStateException if the system property {@code project.root}, which the build
   *     sets, does not name it
   */
  static Path root() {
    String property = System.getProperty("project.root");
    if (property == null || !Files.isDirectory(Path.of(property, "kernels"))) {
      throw new IllegalStateException(
          "project.root: expected the folder that holds the modules, found " + property);
    }
    return Path.of(property);
  }

  /** All Java sources below a folder, sorted; none if there is no such folder. */
  static List<Path> javaFiles(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.toString().endsWith(".java")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The text of a file, with lines that end in a line feed. */
  static String read(Path file) {
    try {
      return Files.readString(file).replace("\r\n", "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
