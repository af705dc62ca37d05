package dev.orrery.cli.command;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where a program writes, so that tests can give it something else.
 *
 * @param out results
 * @param err progress and failures
 * @param terminal whether somebody watches {@code err}
 */
public record Console(ResultStream out, PrintStream err, boolean terminal) {
  private static final int KIND_OF_FILE = 0170000;
  private static final int PIPE = 0010000;
  private static final int SOCKET = 0140000;

  /** That of this process. */
  public static Console system() {
    boolean terminal = System.console() != null && System.console().isTerminal();
    ResultStream out =
        new ResultStream(
            new FileOutputStream(FileDescriptor.out), System.out.charset(), isOutputPipe());
    return new Console(out, System.err, terminal);
  }

  /** Asked of the file, as the system's messages for closed pipes come in many languages. */
  private static boolean isOutputPipe() {
    try {
      int mode = (int) Files.getAttribute(Path.of("/dev/stdout"), "unix:mode");
      return (mode & KIND_OF_FILE) == PIPE || (mode & KIND_OF_FILE) == SOCKET;
    } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
      return false; // Windows, or a system that does not show its streams as files
    }
  }
}
