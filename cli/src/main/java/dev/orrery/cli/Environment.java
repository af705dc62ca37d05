package dev.orrery.cli;

import dev.orrery.model.Families;
import dev.orrery.weights.command.Console;
import java.io.PrintStream;
import java.nio.file.Path;

/**
 * What the commands work with, so that tests can give them something else.
 *
 * @param families the families that there are
 * @param demo folder of the model that is taken when none is named
 * @param out results
 * @param err progress and failures
 * @param terminal whether somebody watches {@code err}
 */
record Environment(
    Families families, Path demo, PrintStream out, PrintStream err, boolean terminal) {
  /** Where the commands write. */
  Console console() {
    return new Console(out, err, terminal);
  }
}
