package dev.orrery.cli;

import dev.orrery.model.session.MemoryPlan;
import dev.orrery.model.session.ResidentMemory;
import dev.orrery.weights.CheckpointReport;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code orrery info}. */
@Command(
    name = "info",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    description =
        "Shows what a checkpoint contains and, for a model's folder, the memory that the model will"
            + " take. Reads headers only and loads nothing.",
    footer = {
      "",
      "Examples:",
      "  orrery info",
      "  orrery info models/demo-world/dit.safetensors --tensors"
    })
final class InfoCommand implements Callable<Integer> {
  @Parameters(
      arity = "0..1",
      paramLabel = "FILE|DIR",
      description = "A .safetensors file, its index, or a folder. Default: the demo world.")
  private Path path;

  @Option(names = "--tensors", description = "One line for each tensor; else one for similar ones.")
  private boolean tensors;

  @Option(names = "--json", description = "Everything, for programs.")
  private boolean json;

  private final Environment environment;

  InfoCommand(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() {
    Path what = path == null ? environment.demo() : path;
    CheckpointReport report = CheckpointReport.of(what);
    boolean model = Files.exists(what.resolve("config.json"));
    MemoryPlan plan = model ? environment.models().plan(what) : null;
    PrintStream out = environment.out();
    if (json) {
      out.println(report.json());
      return Orrery.DONE;
    }
    out.print(report.text(tensors));
    if (model) {
      print(plan);
    }
    return Orrery.DONE;
  }

  private void print(MemoryPlan plan) {
    // The same program that is asking now would load the model, so it measures itself.
    System.gc();
    long java = ResidentMemory.bytes();
    environment.out().printf("%nMemory of %s:%n", plan.model());
    row("Java, as measured now", java);
    row("weights, as stored", plan.storedWeights());
    row("weights, converted", plan.copiedWeights());
    row("one session", plan.session());
    row("its activations", plan.workspace());
    row("once loaded", java + plan.loaded());
    row("while playing", java + plan.playing());
    row("more, while starting", plan.start());
    environment.out().println("  While playing, compiled code and its compiler come on top.");
  }

  private void row(String what, long bytes) {
    environment
        .out()
        .printf(Locale.ROOT, "  %-22s %,12.1f MiB%n", what, bytes / (double) (1 << 20));
  }
}
