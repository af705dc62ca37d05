package dev.orrery.weights.hub;

import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;

/**
 * A download that cannot succeed, or was tried often enough. The message is one line, made to be
 * shown to the user: what was downloaded, what was expected and what was found.
 */
public final class HubException extends IOException {
  private static final long serialVersionUID = 1L;

  /**
   * @param subject the repository, file or address at fault
   * @param problem what is wrong; control characters in it are shown escaped
   */
  public HubException(String subject, String problem) {
    this(subject, problem, null);
  }

  /** As {@link #HubException(String, String)}, with the failure that led to it. */
  public HubException(String subject, String problem, Throwable cause) {
    super(printable(subject + ": " + problem), cause);
  }

  /** A failure to write a file, such as a full disk. */
  static HubException cannotWrite(Path file, IOException cause) {
    return new HubException(file.toString(), "cannot be written: " + reason(cause), cause);
  }

  /** A failure to read a file. */
  static HubException cannotRead(Path file, IOException cause) {
    return new HubException(file.toString(), "cannot be read: " + reason(cause), cause);
  }

  /** What went wrong, in words a user understands. */
  static String reason(IOException cause) {
    return switch (cause) {
      case NoSuchFileException _ -> "no such file or folder";
      case AccessDeniedException _ -> "access denied";
      case FileSystemException e when e.getReason() != null -> e.getReason();
      // The HTTP client says nothing when it cannot find or reach the host.
      case ConnectException e when e.getMessage() == null -> "cannot connect";
      case IOException e when e.getMessage() == null -> e.getClass().getSimpleName();
      default -> cause.getMessage();
    };
  }

  /** Names from a server may hold line breaks or terminal escapes; the terminal gets neither. */
  static String printable(String text) {
    StringBuilder line = new StringBuilder(text.length());
    text.chars()
        .forEach(
            c -> {
              boolean plain =
                  !Character.isISOControl(c)
                      && Character.getType(c) != Character.FORMAT
                      && c != '\u2028'
                      && c != '\u2029';
              line.append(
                  plain ? String.valueOf((char) c) : String.format(Locale.ROOT, "\\u%04x", c));
            });
    return line.toString();
  }
}
