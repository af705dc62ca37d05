package dev.orrery.weights.command;

import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** A program of several commands, and how every failure becomes one line and an exit code. */
public abstract class Program implements Runnable {
  /** Exit code: everything was done. */
  public static final int DONE = 0;

  /** Exit code: something failed on the way. */
  public static final int FAILED = 1;

  /** Exit code: what the user gave cannot be used. */
  public static final int UNUSABLE = 2;

  @Spec private CommandSpec spec;

  @Option(
      names = "--stacktrace",
      scope = ScopeType.INHERIT,
      description = "Show where in the program a failure happened.")
  private boolean stacktrace;

  private final Console console;
  private final Failures failures;

  /**
   * @param console where it writes
   * @param failures how it tells failures
   */
  protected Program(Console console, Failures failures) {
    this.console = console;
    this.failures = failures;
  }

  /** Runs a command and returns the exit code. */
  protected final int run(List<?> commands, String... arguments) {
    CommandLine line = new CommandLine(this);
    commands.forEach(line::addSubcommand);
    line.setOut(new PrintWriter(console.out(), true))
        .setErr(new PrintWriter(console.err(), true))
        .setUsageHelpWidth(100)
        .setCaseInsensitiveEnumValuesAllowed(true)
        // An argument that begins with @ is the file of an option, not a list of arguments.
        .setExpandAtFiles(false)
        .setParameterExceptionHandler((e, given) -> refuse(e))
        .setExecutionExceptionHandler((e, command, parsed) -> fail(e));
    try {
      return line.execute(arguments);
    } catch (OutOfMemoryError e) {
      // The one error that a user can do something about; picocli passes errors on.
      return fail(e);
    }
  }

  /** Without a command: shows what there is. */
  @Override
  public void run() {
    spec.commandLine().usage(console.out());
  }

  private int refuse(ParameterException e) {
    String command = e.getCommandLine().getCommandSpec().qualifiedName();
    // Picocli begins a few of its messages with a word that says nothing.
    String message = e.getMessage().replaceFirst("^Error: ", "");
    failures.print(console.err(), message + "; see " + command + " --help");
    return UNUSABLE;
  }

  private int fail(Throwable e) {
    if (Interruption.happened()) {
      return FAILED;
    }
    failures.print(console.err(), failures.describe(e));
    if (stacktrace) {
      e.printStackTrace(console.err());
    }
    return failures.exitCode(e);
  }
}
