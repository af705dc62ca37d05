package dev.orrery.cli.command;

import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** One command: results go to the console's output, progress and failures to its error stream. */
@Command(mixinStandardHelpOptions = true, versionProvider = Version.class, sortOptions = false)
public abstract class ConsoleCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--quiet",
      order = 1, // behind those of the command
      description = "Write nothing to the error stream but failures.")
  private boolean quiet;

  private final Console console;
  private final ProgressReport progress;

  /**
   * @param console where it writes
   */
  protected ConsoleCommand(Console console) {
    this.console = console;
    this.progress = new ProgressReport(console);
  }

  /**
   * Does the work.
   *
   * @throws Exception any failure, which ends the command with one line; see {@link Failures}
   */
  protected abstract void run() throws Exception;

  /** Does the work and returns {@link Program#DONE}. */
  @Override
  public final Integer call() throws Exception {
    if (quiet) {
      progress.silence();
    }
    try {
      run();
    } finally {
      progress.endBar();
    }
    return Program.DONE;
  }

  /** Shows progress to the user. */
  protected final ProgressReport progress() {
    return progress;
  }

  /** Writes a part of the result as it is. */
  protected final void print(String text) {
    progress.endBar();
    console.out().print(text);
    console.out().requireWritten();
  }

  /** Writes a line of the result. */
  protected final void printLine(Object text) {
    progress.endBar();
    console.out().println(text);
    console.out().requireWritten();
  }

  /** Options that cannot be meant so; the line for the user also names the help. */
  protected final ParameterException misused(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  /**
   * Requires the value of an option from 1 to some maximum.
   *
   * @param value null if the option was not given
   */
  protected final void checkRange(String option, Integer value, int maximum) {
    if (value != null && (value < 1 || value > maximum)) {
      throw misused(
          String.format(Locale.ROOT, "%s: expected 1 to %d, found %d", option, maximum, value));
    }
  }
}
