package dev.orrery.cli.command;

import java.io.PrintStream;

/**
 * Where a program writes, so that tests can give it something else.
 *
 * @param out results
 * @param err progress and failures
 * @param terminal whether somebody watches {@code err}
 */
public record Console(PrintStream out, PrintStream err, boolean terminal) {
  /** That of this process. */
  public static Console system() {
    boolean terminal = System.console() != null && System.console().isTerminal();
    return new Console(System.out, System.err, terminal);
  }
}
