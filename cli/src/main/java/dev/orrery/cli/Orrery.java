package dev.orrery.cli;

import dev.orrery.cli.command.Program;
import dev.orrery.cli.weights.FamilyOptions;
import dev.orrery.cli.weights.WeightsCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command {@code orrery} itself. */
@Command(
    name = "orrery",
    description = "Interactive world models: an image and keys in, a video out.",
    synopsisHeading =
        "Examples:%n"
            + "  orrery generate                                walks through the demo world, writes"
            + " orrery.mp4%n"
            + "  orrery generate --actions \"w*24 l*36 w+l*24\"   does so by keys of your own%n"
            + "  orrery play                                    lets you walk through it in the"
            + " browser%n"
            + "  orrery info                                    says what the demo world is%n%n"
            + "Usage: ",
    footer = {
      "",
      "Exit codes: 0 done, 1 failed while running, 2 the options or files given cannot be used,",
      "130 interrupted."
    })
final class Orrery extends Program {
  private Orrery(Environment environment) {
    super(environment.console());
  }

  /** Runs a command and returns the exit code. */
  static int run(Environment environment, String... arguments) {
    Orrery orrery = new Orrery(environment);
    CommandLine line =
        new CommandLine(orrery)
            .addSubcommand(new GenerateCommand(environment))
            .addSubcommand(new PlayCommand(environment))
            .addSubcommand(new EncodePromptCommand(environment))
            .addSubcommand("info", new InspectCommand(environment))
            .addSubcommand(new DevicesCommand(environment.console()))
            .addSubcommand(
                WeightsCommand.of(
                    environment.console(),
                    environment.families(),
                    new InspectCommand(environment)));
    FamilyOptions.register(line, environment.families());
    return orrery.run(line, arguments);
  }
}
