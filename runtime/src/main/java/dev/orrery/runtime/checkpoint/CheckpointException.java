package dev.orrery.runtime.checkpoint;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;

/**
 * A checkpoint or configuration file that cannot be used. The message is one line, made to be shown
 * to the user: the file, what was expected and what was found.
 */
public final class CheckpointException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final boolean aboutOutput;

  /**
   * @param file the file at fault, as the user named it
   * @param problem what is wrong; line breaks and other control characters in it are shown escaped
   */
  public CheckpointException(String file, String problem) {
    this(file, problem, null);
  }

  /** As {@link #CheckpointException(String, String)}, with the failure that led to it. */
  public CheckpointException(String file, String problem, Throwable cause) {
    this(file, problem, cause, false);
  }

  private CheckpointException(String file, String problem, Throwable cause, boolean aboutOutput) {
    super(oneLine(file + ": " + problem), cause);
    this.aboutOutput = aboutOutput;
  }

  /** A failure to read a file, in words a user understands. */
  public static CheckpointException cannotRead(Path file, IOException cause) {
    return new CheckpointException(file.toString(), "cannot be read: " + reason(cause), cause);
  }

  /** A failure to write a file, in words a user understands. */
  public static CheckpointException cannotWrite(Path file, IOException cause) {
    return new CheckpointException(
        file.toString(), "cannot be written: " + reason(cause), cause, true);
  }

  /** A file that is there and would have to be replaced to be written. */
  public static CheckpointException exists(Path file) {
    return new CheckpointException(
        file.toString(), "exists already; nothing is replaced", null, true);
  }

  /** Whether a file could not be written; otherwise one that was read is at fault. */
  public boolean isAboutOutput() {
    return aboutOutput;
  }

  private static String reason(IOException cause) {
    return switch (cause) {
      case NoSuchFileException e -> "no such file or folder";
      case AccessDeniedException e -> "access denied";
      case FileSystemException e when e.getReason() != null -> e.getReason();
      default -> String.valueOf(cause.getMessage());
    };
  }

  /**
   * Names inside a hostile file may hold line breaks or terminal escapes; the user's terminal gets
   * neither.
   */
  private static String oneLine(String text) {
    StringBuilder line = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isISOControl(c) || c == '\u2028' || c == '\u2029') {
        line.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
      } else {
        line.append(c);
      }
    }
    return line.toString();
  }
}
