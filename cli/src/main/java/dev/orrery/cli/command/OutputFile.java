package dev.orrery.cli.command;

import dev.orrery.runtime.files.PendingOutput;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;

/** Files that a command is to write. */
public final class OutputFile {
  private OutputFile() {}

  /**
   * Requires that a file can be written, before the work begins whose result it will hold.
   *
   * @param option what the user named it with
   * @param file may be null, for none
   * @param ending of its name, in lower case; empty for any
   * @throws UnusableInputException if its name has another ending
   * @throws IOException if its folder does not exist, or it is a folder
   */
  public static void check(String option, Path file, String ending) throws IOException {
    if (file == null) {
      return;
    }
    if (!file.toString().toLowerCase(Locale.ROOT).endsWith(ending)) {
      throw new UnusableInputException(
          String.format(
              Locale.ROOT, "%s: expected a name that ends in %s, found %s", option, ending, file));
    }
    PendingOutput.requireFile(file);
  }
}
