package dev.orrery.weights.cli;

import dev.orrery.weights.command.Console;
import dev.orrery.weights.command.Failures;
import dev.orrery.weights.command.Program;
import dev.orrery.weights.command.Version;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;

/** The command {@code orrery-weights} itself. */
@Command(
    name = "orrery-weights",
    description =
        "Tools for the weights of world models: from released files to a model that runs.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    subcommands = HelpCommand.class,
    commandListHeading = "%nCommands:%n",
    footer = {
      "",
      "Exit codes: 0 done, 1 failed while running, 2 the options or files given cannot be used,",
      "130 interrupted. What fails or is interrupted leaves nothing behind, except parts of downloads,",
      "which go on from there."
    })
final class OrreryWeights extends Program {
  private OrreryWeights(Console console) {
    super(
        console,
        new Failures(
            "orrery-weights", "give Java more with JAVA_TOOL_OPTIONS=-Xmx4g", Set.of(), Set.of()));
  }

  /** Runs a command and returns the exit code. */
  static int run(Console console, String... arguments) {
    return new OrreryWeights(console)
        .run(
            List.of(
                new DownloadCommand(
                    console, System.getenv(), Path.of(System.getProperty("user.home"))),
                new InspectCommand(console),
                new ConvertCommand(console),
                new VerifyCommand(console),
                new QuantizeCommand(console),
                new SynthCommand(console)),
            arguments);
  }
}
