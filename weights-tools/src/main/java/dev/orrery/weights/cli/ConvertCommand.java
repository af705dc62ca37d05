package dev.orrery.weights.cli;

import dev.orrery.weights.command.Cancellation;
import dev.orrery.weights.command.Console;
import dev.orrery.weights.command.Program;
import dev.orrery.weights.command.ProgressReport;
import dev.orrery.weights.command.Version;
import dev.orrery.weights.convert.Conversion;
import dev.orrery.weights.convert.NameRule;
import dev.orrery.weights.convert.TargetType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code orrery-weights convert}. */
@Command(
    name = "convert",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    description =
        "Writes the tensors of a PyTorch archive or of safetensors files as safetensors. Needs little"
            + " memory, however large the files are; nothing in an archive is run. The name"
            + " _fsdp_wrapped_module, which sharded training leaves, is always removed.",
    footer = {
      "",
      "Examples:",
      "  orrery-weights convert Wan2.1_VAE.pth vae.safetensors",
      "  orrery-weights convert model.pt dit.safetensors --key generator --strip model. --dtype bf16",
      "",
      "Nothing that exists is replaced; a failure and Ctrl-C leave nothing behind."
    })
final class ConvertCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "INPUT OUTPUT",
      arity = "1..*",
      description =
          "A .pth or .pt archive, a .safetensors file or its .index.json; and the .safetensors file"
              + " to write.")
  private List<Path> paths;

  @Option(
      names = "--key",
      paramLabel = "NAME",
      defaultValue = "",
      description = "The dictionary of an archive whose tensors are meant, such as generator.")
  private String key;

  @Option(
      names = "--strip",
      paramLabel = "PREFIX",
      description = "Remove this from the start of the names that have it. Can be repeated.")
  private List<String> strip = List.of();

  @Option(
      names = "--dtype",
      paramLabel = "bf16|fp16|fp32|keep",
      defaultValue = "keep",
      description =
          "Element type of floating-point weights; other tensors stay as they are. Default:"
              + " ${DEFAULT-VALUE}.")
  private TargetType dtype;

  @Option(
      names = "--shard-size",
      paramLabel = "SIZE",
      converter = ByteSize.class,
      description =
          "The most data in one file, such as 5GB; what is more goes into further files behind an"
              + " index. Default: one file.")
  private Long shardSize;

  private final Console console;

  ConvertCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    if (paths.size() != 2) {
      throw new ParameterException(
          spec.commandLine(), "expected INPUT OUTPUT, found " + paths.size() + " paths");
    }
    Conversion conversion =
        new Conversion(
            NameRule.stripping(strip), dtype, shardSize == null ? Conversion.ONE_FILE : shardSize);
    List<Path> written = new ArrayList<>();
    ProgressReport progress = new ProgressReport(console);
    try (Cancellation cancellation = new Cancellation(progress)) {
      written.addAll(conversion.convert(paths.get(0), key, paths.get(1), cancellation));
    } finally {
      progress.endBar();
    }
    // The last one is what opens them all.
    console.out().println(written.getLast());
    return Program.DONE;
  }
}
