package dev.orrery.cli.weights;

import dev.orrery.cli.command.CommandGroup;
import dev.orrery.cli.command.Console;
import dev.orrery.cli.command.ConsoleCommand;
import dev.orrery.model.Families;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code orrery weights}. */
@Command(
    name = "weights",
    synopsisHeading =
        "Examples:%n"
            + "  orrery weights verify models/demo-world%n"
            + "  orrery weights quantize models/demo-world demo-int8 --format int8%n"
            + "  orrery weights download Skywork/Matrix-Game-2.0 --include \"base_*\" --dry-run%n"
            + "%nUsage: ",
    description =
        "Downloads released weights, makes them a model that plays, checks them and quantises them.",
    footer = {
      "",
      "What fails or is interrupted leaves nothing behind, except parts of downloads, which go on from",
      "there."
    })
public final class WeightsCommand extends CommandGroup {
  private WeightsCommand() {}

  /**
   * The group with its commands.
   *
   * @param families the families that there are
   * @param inspect shows what checkpoints contain
   */
  public static CommandLine of(Console console, Families families, ConsoleCommand inspect) {
    Path home = Path.of(System.getProperty("user.home"));
    return new CommandLine(new WeightsCommand())
        .addSubcommand(new DownloadCommand(console, System.getenv(), home))
        .addSubcommand("inspect", inspect)
        .addSubcommand(new ConvertCommand(console))
        .addSubcommand(new VerifyCommand(console, families))
        .addSubcommand(new QuantizeCommand(console, families))
        .addSubcommand(new SynthCommand(console))
        .addSubcommand(new CompareDecodersCommand(console, families));
  }
}
