package dev.orrery.cli;

import dev.orrery.cli.command.ConsoleCommand;
import dev.orrery.model.family.ModelFolder;
import dev.orrery.model.session.SavedSession;
import dev.orrery.weights.report.CheckpointReport;
import dev.orrery.weights.report.MemoryReport;
import dev.orrery.weights.report.ModelReport;
import dev.orrery.weights.report.SavedSessionReport;
import dev.orrery.weights.report.WorkReport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code orrery info} and {@code orrery weights inspect}, which are the same. */
@Command(
    synopsisHeading =
        "Examples:%n"
            + "  ${COMMAND-FULL-NAME}%n"
            + "  ${COMMAND-FULL-NAME} models/demo-world%n"
            + "  ${COMMAND-FULL-NAME} models/demo-world/dit.safetensors --tensors%n"
            + "%nUsage: ",
    description =
        "Says what a model is: its video, its keys, how much it makes at once, the memory that it will"
            + " take, what a frame takes to compute, and with --tensors what its checkpoints contain."
            + " Of a session that generate --save kept it says where that has come. Of other files and"
            + " folders it shows tensors, element types, shapes, bytes and"
            + " metadata. Reads headers only; nothing in a PyTorch archive is run.")
final class InspectCommand extends ConsoleCommand {
  private static final String CONFIG = "config.json";

  @Parameters(
      arity = "0..1",
      paramLabel = "FILE|DIR",
      description =
          "A .safetensors file, its .index.json, a PyTorch archive (.pth, .pt, .ckpt), or a folder."
              + " Default: the demo world.")
  private Path path;

  @Option(
      names = "--tensors",
      description =
          "One line for each tensor. Default: one for similar ones; of a model one for each"
              + " checkpoint.")
  private boolean tensors;

  @Option(names = "--json", description = "Everything, for programs.")
  private boolean json;

  @Mixin private DecoderOption decoder = new DecoderOption();

  private final Environment environment;

  InspectCommand(Environment environment) {
    super(environment.console());
    this.environment = environment;
  }

  @Override
  protected void run() {
    Path what = path == null ? environment.demo() : path;
    if (decoder.isGiven() && !Files.exists(what.resolve(CONFIG))) {
      throw misused("--decoder: belongs to the folder of a model, found " + what);
    }
    if (Files.isRegularFile(what) && SavedSession.isClaimed(what)) {
      describe(SavedSessionReport.of(what), CheckpointReport.of(what));
      return;
    }
    Optional<ModelFolder> model = model(what);
    // A model without networks has no checkpoints to report on.
    boolean hasNetworks = model.isEmpty() || !model.get().networks().isEmpty();
    CheckpointReport report =
        hasNetworks ? CheckpointReport.of(what) : new CheckpointReport(what, List.of());
    Optional<ModelReport> facts = model.map(ModelReport::new);
    if (json) {
      printLine(report.json(facts, memory(model), work(model)));
    } else if (facts.isPresent()) {
      print(facts.get().text());
      try {
        memory(model).ifPresent(memory -> print("\n" + memory.text()));
        work(model).ifPresent(work -> print("\n" + work.text()));
      } finally {
        // Also of a model that cannot be planned because something is wrong with its checkpoints.
        if (hasNetworks) {
          print("\n" + (tensors ? report.text(true) : report.summary()));
        }
      }
    } else {
      print(report.text(tensors));
    }
  }

  private void describe(SavedSessionReport session, CheckpointReport content) {
    if (json) {
      printLine(content.json(session));
      return;
    }
    print(session.text(content.total()));
    if (tensors) {
      print("\n" + content.text(true));
    }
  }

  /** The model in the folder; empty for a checkpoint, or a folder of some, without a config. */
  private Optional<ModelFolder> model(Path what) {
    return Files.exists(what.resolve(CONFIG))
        ? environment.families().recognizing(what).map(family -> decoder.of(family.open(what)))
        : Optional.empty();
  }

  private static Optional<WorkReport> work(Optional<ModelFolder> model) {
    return model.flatMap(
        folder -> folder.work().map(work -> WorkReport.of(work, folder.framesOfChunk(1))));
  }

  private static Optional<MemoryReport> memory(Optional<ModelFolder> model) {
    return model.map(folder -> MemoryReport.of(folder::plan));
  }
}
