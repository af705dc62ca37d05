package dev.orrery.cli.command;

import dev.orrery.cli.command.ResultStream.ResultException;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;

/** A program of several commands, and how every failure becomes one line and an exit code. */
public abstract class Program extends CommandGroup {
  /** Exit code: everything was done. */
  public static final int DONE = 0;

  /** Exit code: something failed on the way. */
  public static final int FAILED = 1;

  /** Exit code: what the user gave cannot be used. */
  public static final int UNUSABLE = 2;

  /**
   * Exit code: nobody reads the results any more. That of a process that the signal of a closed
   * pipe has ended, which Java does not receive.
   */
  static final int READER_GONE = 141;

  private static final Pattern UNKNOWN_CHOICE =
      Pattern.compile(
          "(.*: expected one of )\\[(.*)] \\(case-insensitive\\) but was '(.*)'", Pattern.DOTALL);

  @Option(
      names = "--stacktrace",
      scope = ScopeType.INHERIT,
      description = "Show where in the program a failure happened.")
  private boolean stacktrace;

  private final Console console;

  /**
   * @param console where it writes
   */
  protected Program(Console console) {
    this.console = console;
  }

  /**
   * Runs a command and returns the exit code.
   *
   * @param line of this program, with its commands
   */
  protected final int run(CommandLine line, String... arguments) {
    line.setOut(new PrintWriter(console.out(), true))
        .setErr(new PrintWriter(console.err(), true))
        .setUsageHelpWidth(100)
        .setCaseInsensitiveEnumValuesAllowed(true)
        // An argument that begins with @ is the file of an option, not a list of arguments.
        .setExpandAtFiles(false)
        .setParameterExceptionHandler((e, given) -> refuse(e))
        .setExecutionExceptionHandler((e, command, parsed) -> fail(e));
    try {
      int code = line.execute(arguments);
      // Picocli writes help and versions itself.
      return code == DONE ? requireWritten() : code;
    } catch (OutOfMemoryError e) {
      // The one error that a user can do something about; picocli passes errors on.
      return fail(e);
    }
  }

  private int requireWritten() {
    try {
      console.out().requireWritten();
      return DONE;
    } catch (ResultException e) {
      return fail(e);
    }
  }

  private int refuse(ParameterException e) {
    String command = e.getCommandLine().getCommandSpec().qualifiedName();
    Failures.print(console.err(), plain(e.getMessage()) + "; see " + command + " --help");
    return UNUSABLE;
  }

  /** A message of Picocli in the words of ours: values as they are typed, and no names of types. */
  private static String plain(String message) {
    Matcher choice = UNKNOWN_CHOICE.matcher(message);
    if (choice.matches()) {
      return String.format(
          Locale.ROOT,
          "%s[%s], found '%s'",
          choice.group(1),
          choice.group(2).toLowerCase(Locale.ROOT),
          choice.group(3));
    }
    // A few of them begin with a word that says nothing.
    return message
        .replaceFirst("^Error: ", "")
        .replaceFirst("('[^']*') is not an? (int|long)$", "expected a whole number, found $1");
  }

  private int fail(Throwable e) {
    if (Interruption.happened()) {
      return FAILED;
    }
    if (e instanceof ResultException result && result.readerGone()) {
      return READER_GONE;
    }
    Failures.print(console.err(), Failures.describe(e));
    if (stacktrace) {
      e.printStackTrace(console.err());
    }
    return Failures.exitCode(e);
  }
}
