package dev.orrery.weights.cli;

import dev.orrery.model.session.Progress;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.Quantization;
import dev.orrery.runtime.quantize.ScaleChoice;
import dev.orrery.weights.command.Cancellation;
import dev.orrery.weights.command.Console;
import dev.orrery.weights.command.Program;
import dev.orrery.weights.command.ProgressReport;
import dev.orrery.weights.command.Version;
import dev.orrery.weights.quantize.CheckpointQuantization;
import dev.orrery.weights.quantize.ModelQuantization;
import dev.orrery.weights.quantize.QuantizationReport;
import dev.orrery.weights.quantize.QuantizedTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code orrery-weights quantize}. */
@Command(
    name = "quantize",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    description =
        "Stores the matrices of a transformer's blocks with eight or four bits, so that the model"
            + " takes less memory. Of a model's folder, everything else is linked. Shows for each"
            + " matrix how far it is from what it was.",
    footer = {
      "",
      "Examples:",
      "  orrery-weights quantize models/demo-world demo-int8 --format int8",
      "  orrery-weights quantize models/demo-world/dit.safetensors dit-int4.safetensors \\",
      "    --format int4 --group 32 --keep \"blocks.0.*\"",
      "",
      "Nothing that exists is replaced; a failure and Ctrl-C leave nothing behind."
    })
final class QuantizeCommand implements Callable<Integer> {
  private static final int DEFAULT_GROUP = 64;

  @Spec private CommandSpec spec;

  @Parameters(
      index = "0",
      paramLabel = "INPUT",
      description = "A model's folder, or the transformer's .safetensors file or .index.json.")
  private Path input;

  @Parameters(
      index = "1",
      paramLabel = "OUTPUT",
      description = "The folder to make, or the .safetensors file.")
  private Path output;

  @Option(
      names = "--format",
      paramLabel = "int8|fp8|int4",
      required = true,
      description =
          "What a value becomes: int8 and fp8 with a scale for each row, int4 with one for"
              + " each group of a row.")
  private Quantization.Format format;

  @Option(
      names = "--group",
      paramLabel = "N",
      description =
          "Values that share a scale in int4, a multiple of 32. Default: " + DEFAULT_GROUP + ".")
  private Integer group;

  @Option(
      names = "--scales",
      paramLabel = "searched|largest",
      defaultValue = "searched",
      description =
          "How int4 finds the scale of a group: by trying which one leaves the least error, or from"
              + " the largest value. Default: ${DEFAULT-VALUE}.")
  private ScaleChoice scales;

  @Option(
      names = "--keep",
      paramLabel = "GLOB",
      description =
          "Leave the tensors as they are whose names fit, * being any characters. Can be repeated.")
  private List<String> keep = List.of();

  @Option(names = "--json", description = "Show the errors for programs.")
  private boolean json;

  private final Console console;

  QuantizeCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    CheckpointQuantization quantization = new CheckpointQuantization(form(), scales, keep);
    ProgressReport progress = new ProgressReport(console);
    List<QuantizedTensor> quantised;
    try (Cancellation cancellation = new Cancellation(progress)) {
      quantised =
          Files.isDirectory(input)
              ? ModelQuantization.make(input, quantization, output, cancellation)
              : file(quantization, cancellation);
    } finally {
      progress.endBar();
    }
    QuantizationReport report = new QuantizationReport(quantization.describe(), quantised);
    console.out().print(json ? report.json() + "\n" : report.text());
    return Program.DONE;
  }

  private List<QuantizedTensor> file(CheckpointQuantization quantization, Progress progress) {
    if (!output.toString().endsWith(".safetensors")) {
      throw new CheckpointException(
          output.toString(), "expected an output whose name ends in .safetensors");
    }
    if (Files.exists(output, LinkOption.NOFOLLOW_LINKS)) {
      throw new CheckpointException(output.toString(), "exists already; nothing is replaced");
    }
    return quantization.write(input, output, progress);
  }

  private Quantization form() {
    if (format != Quantization.Format.INT4) {
      if (group != null) {
        throw new ParameterException(spec.commandLine(), "--group: belongs to --format int4");
      }
      return format == Quantization.Format.INT8 ? Quantization.INT8 : Quantization.FP8;
    }
    try {
      return Quantization.int4(group == null ? DEFAULT_GROUP : group);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--" + e.getMessage(), e);
    }
  }
}
