package dev.orrery.cli;

import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The command {@code orrery} itself, and how every failure becomes one line and an exit code. */
@Command(
    name = "orrery",
    description = "Interactive world models: a picture and keys in, a video out.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    subcommands = HelpCommand.class,
    commandListHeading = "%nCommands:%n",
    footer = {
      "",
      "Start with",
      "  orrery generate",
      "which walks through the demo world and writes orrery.mp4. Then try your own keys:",
      "  orrery generate --actions \"w*24 l*36 w+l*48\" --output walk.gif",
      "",
      "Exit codes: 0 done, 1 failed while running, 2 the options or files given cannot be used,",
      "130 interrupted."
    })
final class Orrery implements Runnable {
  static final int DONE = 0;
  static final int FAILED = 1;
  static final int UNUSABLE = 2;

  @Spec private CommandSpec spec;

  @Option(
      names = "--stacktrace",
      scope = ScopeType.INHERIT,
      description = "Show where in the program a failure happened.")
  private boolean stacktrace;

  private final Environment environment;

  private Orrery(Environment environment) {
    this.environment = environment;
  }

  /** Runs a command and returns the exit code. */
  static int run(Environment environment, String... arguments) {
    Orrery orrery = new Orrery(environment);
    CommandLine commands =
        new CommandLine(orrery)
            .addSubcommand(new GenerateCommand(environment))
            .addSubcommand(new InfoCommand(environment))
            .setOut(new PrintWriter(environment.out(), true))
            .setErr(new PrintWriter(environment.err(), true))
            .setUsageHelpWidth(100)
            // An argument that begins with @ is the file of --actions, not a list of arguments.
            .setExpandAtFiles(false)
            .setParameterExceptionHandler((e, given) -> orrery.refuse(e))
            .setExecutionExceptionHandler((e, command, parsed) -> orrery.fail(e));
    try {
      return commands.execute(arguments);
    } catch (OutOfMemoryError e) {
      // The one error that a user can do something about; picocli passes errors on.
      return orrery.fail(e);
    }
  }

  /** Without a command: shows what there is. */
  @Override
  public void run() {
    spec.commandLine().usage(environment.out());
  }

  private int refuse(ParameterException e) {
    String command = e.getCommandLine().getCommandSpec().qualifiedName();
    Failures.print(environment.err(), e.getMessage() + "; see " + command + " --help");
    return UNUSABLE;
  }

  private int fail(Throwable e) {
    if (Interruption.happened()) {
      return FAILED;
    }
    Failures.print(environment.err(), Failures.describe(e));
    if (stacktrace) {
      e.printStackTrace(environment.err());
    }
    return Failures.exitCode(e);
  }
}
