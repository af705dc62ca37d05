package dev.orrery.cli;

import dev.orrery.weights.command.UnusableInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Files that a command is to write. */
final class OutputFile {
  private OutputFile() {}

  /**
   * Requires that a file can be written, before the work begins that it will tell about.
   *
   * @param file may be null, for none
   * @throws UnusableInputException if its name has another ending or its folder does not exist
   */
  static void check(String option, Path file, String ending) {
    if (file == null) {
      return;
    }
    if (!file.toString().toLowerCase(Locale.ROOT).endsWith(ending)) {
      throw new UnusableInputException(
          "%s: expected a name that ends in %s, found %s".formatted(option, ending, file));
    }
    Path parent = file.toAbsolutePath().getParent();
    if (!Files.isDirectory(parent) || Files.isDirectory(file)) {
      String reason = Files.isDirectory(file) ? "is a folder" : "no such folder";
      throw new UnusableInputException("%s: %s: %s".formatted(option, file, reason));
    }
  }
}
