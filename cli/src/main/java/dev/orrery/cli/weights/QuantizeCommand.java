package dev.orrery.cli.weights;

import dev.orrery.cli.command.Cancellation;
import dev.orrery.cli.command.CheckoutKernels;
import dev.orrery.cli.command.Console;
import dev.orrery.cli.command.ConsoleCommand;
import dev.orrery.cli.command.OutputFile;
import dev.orrery.cli.plot.ErrorPlot;
import dev.orrery.kernels.ChosenBackend;
import dev.orrery.kernels.CudaBackend.MatmulProvider;
import dev.orrery.model.Families;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.SessionComparison;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.Quantization;
import dev.orrery.runtime.files.PendingOutput;
import dev.orrery.runtime.quantize.ScaleChoice;
import dev.orrery.weights.quantize.Calibration;
import dev.orrery.weights.quantize.CheckpointQuantization;
import dev.orrery.weights.quantize.ModelQuantization;
import dev.orrery.weights.quantize.QuantizationReport;
import dev.orrery.weights.quantize.QuantizedTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code orrery weights quantize}. */
@Command(
    name = "quantize",
    synopsisHeading =
        "Examples:%n"
            + "  orrery weights quantize models/demo-world demo-int8 --format int8%n"
            + "  orrery weights quantize models/demo-world/dit.safetensors dit-int4.safetensors \\%n"
            + "    --format int4 --group 32 --keep \"blocks.0.*\"%n"
            + "  orrery weights quantize models/demo-world demo-fp8 --format fp8 --calibrate --plot error.png%n"
            + "%nUsage: ",
    description =
        "Stores the matrices of a transformer's blocks with eight or four bits, so that the model"
            + " takes less memory. Of a model's folder, everything else is linked. Shows for each"
            + " matrix how far it is from what it was.",
    footer = {
      "",
      "Nothing that exists is replaced, but for the plot. A failure and Ctrl-C leave nothing behind;",
      "once the model is there it stays, also if the comparison fails."
    })
final class QuantizeCommand extends ConsoleCommand {
  private static final int DEFAULT_GROUP = 64;
  private static final int MAX_CHUNKS = 1000;

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
      paramLabel = "mse|abs_max",
      defaultValue = "mse",
      description =
          "How int4 finds the scale of a group: mse tries several and takes the one with the least"
              + " squared error, abs_max takes the largest value. Default: ${DEFAULT-VALUE}.")
  private ScaleChoice scales;

  @Option(
      names = "--keep",
      paramLabel = "GLOB",
      description =
          "Leave the tensors as they are whose names fit, * being any characters. Can be repeated.")
  private List<String> keep = List.of();

  @Option(
      names = "--calibrate",
      description =
          "Then play both models, with the first key held, and show how far the quantised one is"
              + " from the other: outputs of each transformer block, and frames. INPUT is a model's"
              + " folder with what a world starts from: images or tokens, or a prompt or text encoder,"
              + " as the model takes them.")
  private boolean calibrate;

  @Option(
      names = {"--chunks", "--blocks"},
      paramLabel = "N",
      defaultValue = "2",
      description = "Chunks of video to play. Default: ${DEFAULT-VALUE}.")
  private int chunks;

  @Option(
      names = "--plot",
      paramLabel = "FILE.png",
      description =
          "Draw the comparison: to the right the transformer's blocks, upwards the relative L2"
              + " difference in percent, a line for each chunk of video; on the right, in the line's"
              + " colour, the PSNR of its frames in dB.")
  private Path plot;

  @Option(names = "--json", description = "Show the errors for programs.")
  private boolean json;

  private final Families families;

  QuantizeCommand(Console console, Families families) {
    super(console);
    this.families = families;
  }

  @Override
  protected void run() throws IOException {
    CheckpointQuantization quantization =
        new CheckpointQuantization(families, form(), scales, keep);
    checkCalibration();
    OutputFile.check("--plot", plot, ".png");
    List<QuantizedTensor> quantised;
    List<SessionComparison> comparisons = List.of();
    try (Cancellation cancellation = new Cancellation(progress())) {
      quantised =
          Files.isDirectory(input)
              ? ModelQuantization.make(input, quantization, output, cancellation)
              : file(quantization, cancellation);
      if (calibrate) {
        comparisons = compare(cancellation);
      }
    }
    QuantizationReport report =
        new QuantizationReport(quantization.describe(), quantised, comparisons);
    print(json ? report.json() + "\n" : report.text());
    if (plot != null) {
      PendingOutput.write(plot, ErrorPlot.draw(comparisons)::writePng);
    }
  }

  private Calibration calibration() {
    return new Calibration(input, families.open(input));
  }

  /** On the first GPU, where that can be used. */
  private List<SessionComparison> compare(Progress cancellation) throws IOException {
    int threads = Runtime.getRuntime().availableProcessors();
    try (ChosenBackend chosen =
        CheckoutKernels.backends(threads, MatmulProvider.ORRERY, progress()::line).open("auto")) {
      if (chosen.backend().usesHostMemory()) {
        progress().line("comparing on the CPU; " + chosen.reason());
      }
      return calibration().compare(families.open(output), chosen.backend(), chunks, cancellation);
    }
  }

  private List<QuantizedTensor> file(CheckpointQuantization quantization, Progress progress) {
    if (!output.toString().endsWith(".safetensors")) {
      throw new CheckpointException(
          output.toString(), "expected an output whose name ends in .safetensors");
    }
    if (Files.exists(output, LinkOption.NOFOLLOW_LINKS)) {
      throw CheckpointException.exists(output);
    }
    return quantization.write(input, output, progress);
  }

  private void checkCalibration() throws IOException {
    if (plot != null && !calibrate) {
      throw misused("--plot: belongs to --calibrate");
    }
    checkRange("--chunks", chunks, MAX_CHUNKS);
    if (calibrate && !Files.isDirectory(input)) {
      throw misused("--calibrate: expected a model's folder, found " + input);
    }
    if (calibrate) {
      calibration().requireStart();
    }
  }

  private Quantization form() {
    if (format != Quantization.Format.INT4) {
      if (group != null) {
        throw misused("--group: belongs to --format int4");
      }
      return format == Quantization.Format.INT8 ? Quantization.INT8 : Quantization.FP8;
    }
    try {
      return Quantization.int4(group == null ? DEFAULT_GROUP : group);
    } catch (IllegalArgumentException e) {
      throw misused("--" + e.getMessage());
    }
  }
}
