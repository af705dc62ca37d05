package dev.orrery.weights.cli;

import dev.orrery.model.family.ModelFamily;
import dev.orrery.model.family.SyntheticScale;
import dev.orrery.weights.command.Cancellation;
import dev.orrery.weights.command.Console;
import dev.orrery.weights.command.Program;
import dev.orrery.weights.command.ProgressReport;
import dev.orrery.weights.command.Version;
import dev.orrery.weights.synthesize.SyntheticModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code orrery-weights synth}. */
@Command(
    name = "synth",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    description =
        "Makes a model of random weights: it loads, plays and can be measured as the real one, but"
            + " shows noise. The same options give the same bytes.",
    footer = {
      "",
      "Examples:",
      "  orrery-weights synth --family matrix-game-2 --seed 1 tiny-game",
      "  orrery-weights synth --family worldplay-wan5b --scale small --seed 1 small-world",
      "",
      "Nothing that exists is replaced; a failure and Ctrl-C leave nothing behind."
    })
final class SynthCommand implements Callable<Integer> {
  @Parameters(paramLabel = "DIR", description = "The folder to make.")
  private Path folder;

  @Option(
      names = "--family",
      paramLabel = "NAME",
      required = true,
      converter = FamilyOption.class,
      completionCandidates = FamilyOption.class,
      description = "The family of the model: ${COMPLETION-CANDIDATES}.")
  private ModelFamily family;

  @Option(
      names = "--scale",
      paramLabel = "tiny|small|released",
      defaultValue = "tiny",
      description =
          "tiny: less than a megabyte; small: some ten megabytes; released: the sizes of the released"
              + " model, 5 and 23 GB. Default: ${DEFAULT-VALUE}.")
  private SyntheticScale scale;

  @Option(names = "--seed", paramLabel = "N", required = true, description = "Decides the weights.")
  private long seed;

  private final Console console;

  SynthCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    ProgressReport progress = new ProgressReport(console);
    try (Cancellation cancellation = new Cancellation(progress)) {
      SyntheticModel.write(family, scale, seed, folder, cancellation);
    } finally {
      progress.endBar();
    }
    console.out().println(folder);
    return Program.DONE;
  }
}
