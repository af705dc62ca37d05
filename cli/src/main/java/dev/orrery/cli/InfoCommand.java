package dev.orrery.cli;

import dev.orrery.kernels.CudaBackend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.model.family.ModelFolder;
import dev.orrery.model.session.MemoryPlan;
import dev.orrery.model.session.ResidentMemory;
import dev.orrery.weights.CheckpointReport;
import dev.orrery.weights.command.Version;
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
  private static final double MIB = 1 << 20;

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
    boolean hasConfiguration = Files.exists(what.resolve("config.json"));
    ModelFolder model = hasConfiguration ? environment.families().open(what) : null;
    MemoryPlan cpu = model == null ? null : model.plan(PlanningBackend.cpu());
    MemoryPlan gpu = model == null ? null : model.plan(CudaBackend.planned());
    PrintStream out = environment.out();
    if (json) {
      out.println(report.json());
      return Orrery.DONE;
    }
    out.print(report.text(tensors));
    if (model != null) {
      print(cpu, gpu);
    }
    return Orrery.DONE;
  }

  private void print(MemoryPlan cpu, MemoryPlan gpu) {
    // The same program that is asking now would load the model, so it measures itself.
    System.gc();
    long java = ResidentMemory.bytes();
    PrintStream out = environment.out();
    out.printf("%nMemory of %s, MiB:%n", cpu.model());
    out.printf("  %-22s %12s %12s%n", "", "on the CPU", "on a GPU");
    row("Java, as measured now", java, 0);
    row("weights, as stored", cpu.storedWeights(), 0);
    row("weights, converted", cpu.copiedWeights(), gpu.copiedWeights());
    row("one session", cpu.session(), gpu.session());
    row("its activations", cpu.workspace(), gpu.workspace());
    row("once loaded", java + cpu.loaded(), gpu.copiedWeights());
    row("while playing", java + cpu.playing(), gpu.playing() - gpu.storedWeights());
    row("more, while starting", cpu.start(), gpu.start());
    if (cpu.promptEncoder() > 0) {
      row("before, for a prompt", java + cpu.promptEncoder(), gpu.promptEncoder());
    }
    out.println(
        "  While playing on the CPU, compiled code and its compiler come on top; on a GPU,");
    out.println("  the driver's own memory.");
  }

  private void row(String what, long cpu, long gpu) {
    environment
        .out()
        .printf(
            Locale.ROOT,
            "  %-22s %,12.1f %12s%n",
            what,
            cpu / MIB,
            gpu == 0 ? "-" : String.format(Locale.ROOT, "%,.1f", gpu / MIB));
  }
}
