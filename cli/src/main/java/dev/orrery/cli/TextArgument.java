package dev.orrery.cli;

import dev.orrery.cli.command.UnusableInputException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;

/**
 * An argument that is a text, or names a file that holds it: {@code @FILE}.
 *
 * @param given the text; null if it is in a file
 * @param file the file; null if the text was given
 */
record TextArgument(String given, Path file) {
  private static final long MAX_BYTES = 4_000_000;

  /**
   * Decides which of the two it is; nothing is read yet.
   *
   * @throws UnusableInputException if no file is named after the {@code @}
   */
  static TextArgument of(String option, String argument) {
    if (!argument.startsWith("@")) {
      return new TextArgument(argument, null);
    }
    if (argument.length() == 1) {
      throw new UnusableInputException(option + ": expected the name of a file after @");
    }
    try {
      return new TextArgument(null, Path.of(argument.substring(1)));
    } catch (InvalidPathException e) {
      throw new UnusableInputException(option + ": " + e.getMessage(), e);
    }
  }

  /** Whether this names a file with an ending. */
  boolean isFile(String ending) {
    return file != null && file.toString().toLowerCase(Locale.ROOT).endsWith(ending);
  }

  /**
   * The text.
   *
   * @throws UnusableInputException if the file cannot be read, is too long or is not UTF-8
   */
  String text() {
    if (file == null) {
      return given;
    }
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new UnusableInputException(file + ": too long, expected at most 4 MB of text");
      }
      return Files.readString(file);
    } catch (CharacterCodingException e) {
      throw new UnusableInputException(file + ": not a text in UTF-8", e);
    } catch (IOException e) {
      String reason = Files.exists(file) ? "cannot be read" : "no such file";
      throw new UnusableInputException(file + ": " + reason, e);
    }
  }
}
