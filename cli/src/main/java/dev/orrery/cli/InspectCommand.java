package dev.orrery.cli;

import dev.orrery.cli.command.ConsoleCommand;
import dev.orrery.weights.Family;
import dev.orrery.weights.report.CheckpointReport;
import dev.orrery.weights.report.MemoryReport;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code orrery info} and {@code orrery weights inspect}, which are the same. */
@Command(
    description =
        "Shows what checkpoints contain (tensors, element types, shapes, bytes and metadata) and, for"
            + " a model's folder, the memory that the model will take. Reads headers only; nothing in"
            + " a PyTorch archive is run.",
    footer = {
      "",
      "Examples:",
      "  ${COMMAND-FULL-NAME} models/demo-world",
      "  ${COMMAND-FULL-NAME} models/demo-world/dit.safetensors --tensors"
    })
final class InspectCommand extends ConsoleCommand {
  @Parameters(
      arity = "0..1",
      paramLabel = "FILE|DIR",
      description =
          "A .safetensors file, its .index.json, a PyTorch archive (.pth, .pt), or a folder. Default:"
              + " the demo world.")
  private Path path;

  @Option(names = "--tensors", description = "One line for each tensor; else one for similar ones.")
  private boolean tensors;

  @Option(names = "--json", description = "Everything, for programs.")
  private boolean json;

  private final Environment environment;

  InspectCommand(Environment environment) {
    super(environment.console());
    this.environment = environment;
  }

  @Override
  protected void run() {
    Path what = path == null ? environment.demo() : path;
    CheckpointReport report = CheckpointReport.of(what);
    if (json) {
      printLine(report.json(memory(what)));
    } else {
      // Before the plan, which a model with a fault does not have.
      print(report.text(tensors));
      memory(what).ifPresent(memory -> print("\n" + memory.text()));
    }
  }

  /** The memory of a model; nothing for files and for folders of something else. */
  private Optional<MemoryReport> memory(Path folder) {
    return Arrays.stream(Family.values()).anyMatch(family -> family.isModel(folder))
        ? Optional.of(MemoryReport.of(backend -> environment.models().plan(folder, backend)))
        : Optional.empty();
  }
}
