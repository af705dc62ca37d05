package dev.orrery.weights.cli;

import dev.orrery.weights.CheckpointReport;
import dev.orrery.weights.command.Console;
import dev.orrery.weights.command.Program;
import dev.orrery.weights.command.Version;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code orrery-weights inspect}. */
@Command(
    name = "inspect",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    description =
        "Shows what checkpoints contain: tensors, element types, shapes, bytes and metadata. Reads"
            + " headers only; nothing in a PyTorch archive is run.",
    footer = {
      "",
      "Examples:",
      "  orrery-weights inspect models/demo-world",
      "  orrery-weights inspect models/demo-world/dit.safetensors --tensors"
    })
final class InspectCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "FILE|DIR",
      description =
          "A .safetensors file, its .index.json, a PyTorch archive (.pth, .pt), or a folder.")
  private Path path;

  @Option(names = "--tensors", description = "One line for each tensor; else one for similar ones.")
  private boolean tensors;

  @Option(names = "--json", description = "Everything, for programs.")
  private boolean json;

  private final Console console;

  InspectCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    CheckpointReport report = CheckpointReport.of(path);
    if (json) {
      console.out().println(report.json());
    } else {
      console.out().print(report.text(tensors));
    }
    return Program.DONE;
  }
}
