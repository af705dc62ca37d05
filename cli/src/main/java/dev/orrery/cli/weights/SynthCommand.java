package dev.orrery.cli.weights;

import dev.orrery.cli.command.Cancellation;
import dev.orrery.cli.command.Console;
import dev.orrery.cli.command.ConsoleCommand;
import dev.orrery.cli.command.UnusableInputException;
import dev.orrery.model.family.ModelFamily;
import dev.orrery.model.family.SyntheticScale;
import dev.orrery.weights.synthesize.SyntheticModel;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code orrery weights synth}. */
@Command(
    name = "synth",
    synopsisHeading =
        "Examples:%n"
            + "  orrery weights synth --family matrix-game-2 --seed 1 tiny-game%n"
            + "  orrery weights synth --family matrix-game-2 --scale small --seed 2 small-game%n"
            + "  orrery weights synth --family worldplay-wan5b --scale small --seed 1 small-world%n"
            + "%nUsage: ",
    description =
        "Makes a model of random weights: it loads, plays and can be measured as the real one, but"
            + " shows noise. The same options give the same bytes.",
    footer = {"", "Nothing that exists is replaced; a failure and Ctrl-C leave nothing behind."})
final class SynthCommand extends ConsoleCommand {
  @Parameters(paramLabel = "DIR", description = "The folder to make.")
  private Path folder;

  @Option(
      names = "--family",
      paramLabel = "NAME",
      required = true,
      description = "The family of the model: ${families}.")
  private ModelFamily family;

  @Option(
      names = "--scale",
      paramLabel = "tiny|small|released",
      defaultValue = "tiny",
      description =
          "tiny: less than a megabyte; small: some ten megabytes; released: the sizes of the released"
              + " model, up to 23 GB. Default: ${DEFAULT-VALUE}.")
  private SyntheticScale scale;

  @Option(
      names = "--variant",
      paramLabel = "NAME",
      description = "Of vid2world, robot: a model with the actions of a robot instead of keys.")
  private String variant;

  @Option(names = "--seed", paramLabel = "N", required = true, description = "Decides the weights.")
  private long seed;

  SynthCommand(Console console) {
    super(console);
  }

  @Override
  protected void run() throws IOException {
    if (family.syntheticFiles(scale).isEmpty()) {
      throw new UnusableInputException("--family: " + family.id() + " has no synthetic models");
    }
    ModelFamily made = family;
    if (variant != null) {
      if (!family.syntheticVariants().contains(variant)) {
        throw new UnusableInputException(
            "--variant: expected "
                + (family.syntheticVariants().isEmpty()
                    ? "none for " + family.id()
                    : "one of " + family.syntheticVariants())
                + ", found "
                + variant);
      }
      made = family.syntheticVariant(variant);
    }
    try (Cancellation cancellation = new Cancellation(progress())) {
      SyntheticModel.write(made, scale, seed, folder, cancellation);
    }
    printLine(folder);
  }
}
