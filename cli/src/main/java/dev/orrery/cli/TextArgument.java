package dev.orrery.cli;

import dev.orrery.cli.command.UnusableInputException;
import dev.orrery.runtime.files.NotTextException;
import dev.orrery.runtime.files.TextFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;

/**
 * An argument that is a text, or names a file that holds it: {@code @FILE}.
 *
 * @param option what the user gave it to
 * @param given the text; null if it is in a file
 * @param file the file; null if the text was given
 */
record TextArgument(String option, String given, Path file) {
  private static final long MAX_BYTES = 4_000_000;

  /**
   * Decides which of the two it is; nothing is read yet.
   *
   * @throws UnusableInputException if no file is named after the {@code @}
   */
  static TextArgument of(String option, String argument) {
    if (!argument.startsWith("@")) {
      return new TextArgument(option, argument, null);
    }
    if (argument.length() == 1) {
      throw new UnusableInputException(option + ": expected the name of a file after @");
    }
    try {
      return new TextArgument(option, null, Path.of(argument.substring(1)));
    } catch (InvalidPathException e) {
      throw new UnusableInputException(option + ": " + e.getMessage(), e);
    }
  }

  /** Whether this names a file with an ending. */
  boolean isFile(String ending) {
    return file != null && file.toString().toLowerCase(Locale.ROOT).endsWith(ending);
  }

  /**
   * The text, which has something to read in it.
   *
   * @throws UnusableInputException as {@link #text}, and if there are only blanks
   */
  String visibleText() {
    String text = text();
    if (text.codePoints().allMatch(TextArgument::isInvisible)) {
      throw new UnusableInputException(
          (file == null ? option : file)
              + ": expected a text, found "
              + (text.isEmpty() ? "none" : "only blanks"));
    }
    return text;
  }

  private static boolean isInvisible(int c) {
    return Character.isWhitespace(c)
        || Character.isSpaceChar(c)
        || Character.isISOControl(c)
        || Character.getType(c) == Character.FORMAT;
  }

  /**
   * The text, as {@link TextFile} reads it.
   *
   * @throws UnusableInputException if the file cannot be read, is too long or is no text
   */
  String text() {
    try {
      return file == null ? TextFile.normalize(given) : TextFile.read(file, MAX_BYTES);
    } catch (NotTextException e) {
      throw new UnusableInputException((file == null ? option : file) + ": " + e.getMessage(), e);
    } catch (IOException e) {
      String reason = Files.exists(file) ? "cannot be read" : "no such file";
      throw new UnusableInputException(file + ": " + reason, e);
    }
  }
}
