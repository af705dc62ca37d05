package dev.orrery.cli.weights;

import dev.orrery.cli.command.BackendOptions;
import dev.orrery.cli.command.Cancellation;
import dev.orrery.cli.command.Console;
import dev.orrery.cli.command.ConsoleCommand;
import dev.orrery.cli.command.UnusableInputException;
import dev.orrery.kernels.ChosenBackend;
import dev.orrery.model.Families;
import dev.orrery.model.family.ModelFolder;
import dev.orrery.model.family.WeightFiles;
import dev.orrery.weights.compare.DecoderComparison;
import dev.orrery.weights.compare.SampleStart;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code orrery weights compare-decoders}. */
@Command(
    name = "compare-decoders",
    synopsisHeading =
        "Examples:%n"
            + "  orrery weights compare-decoders matrix-game/base_distilled_model --chunks 10%n"
            + "%nUsage: ",
    description = {
      "Shows how far the frames of the tiny decoder TAEHV are from those of the model's own decoder,"
          + " of the same latents: for each frame the PSNR and the mean difference of a colour."
          + " The model is played twice, from what lies in its folder, with the first key held."
    })
final class CompareDecodersCommand extends ConsoleCommand {
  private static final int MAX_CHUNKS = 1000;

  @Parameters(
      paramLabel = "DIR",
      description =
          "A model's folder with the weights of the tiny decoder and with what a world starts from:"
              + " start.png, or a prompt or text encoder, as the model takes them.")
  private Path path;

  @Option(
      names = "--chunks",
      paramLabel = "N",
      defaultValue = "2",
      description = "Chunks of video to compare. Default: ${DEFAULT-VALUE}.")
  private int chunks;

  @Option(names = "--json", description = "Show the differences for programs.")
  private boolean json;

  @Mixin private BackendOptions backendOptions;

  private final Families families;

  CompareDecodersCommand(Console console, Families families) {
    super(console);
    this.families = families;
  }

  @Override
  protected void run() throws IOException {
    checkRange("--chunks", chunks, MAX_CHUNKS);
    backendOptions.check();
    ModelFolder model = families.open(path);
    WeightFiles tiny =
        model
            .tinyDecoder()
            .orElseThrow(
                () ->
                    new UnusableInputException(
                        path + ": models of this family have one decoder only"));
    tiny.requireFound();
    SampleStart sample = new SampleStart(path, model);
    sample.require();
    try (Cancellation cancellation = new Cancellation(progress());
        ChosenBackend chosen = backendOptions.open(progress()::line)) {
      DecoderComparison comparison =
          DecoderComparison.of(sample, chosen.backend(), chunks, cancellation);
      print(json ? comparison.json() + "\n" : comparison.text());
    }
  }
}
