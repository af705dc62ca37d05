package dev.orrery.weights.cli;

import dev.orrery.model.Families;
import dev.orrery.model.family.ModelFamily;
import dev.orrery.weights.CheckpointReport;
import dev.orrery.weights.command.Cancellation;
import dev.orrery.weights.command.Console;
import dev.orrery.weights.command.OutputFile;
import dev.orrery.weights.command.Program;
import dev.orrery.weights.command.ProgressReport;
import dev.orrery.weights.command.UnusableInputException;
import dev.orrery.weights.command.Version;
import dev.orrery.weights.verify.Manifest;
import dev.orrery.weights.verify.Verification;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code orrery-weights verify}. */
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    description =
        "Reads checkpoints completely and tells what is wrong with them: headers, names and shapes"
            + " that are not those of the model, values that are no numbers, bytes that are not"
            + " those of a manifest.",
    footer = {
      "",
      "Examples:",
      "  orrery-weights verify models/demo-world",
      "  orrery-weights verify models/demo-world --write-manifest demo-world.sha256",
      "  orrery-weights verify models/demo-world --manifest demo-world.sha256",
      "",
      "Exit codes: 0 nothing is wrong, 2 something is. Manifests are those of sha256sum."
    })
final class VerifyCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "FILE|DIR",
      description = "A .safetensors file, its .index.json, a PyTorch archive, or a folder of them.")
  private Path path;

  @Option(
      names = "--family",
      paramLabel = "NAME",
      converter = FamilyOption.class,
      completionCandidates = FamilyOption.class,
      description =
          "Compare names and shapes with the networks of this family: ${COMPLETION-CANDIDATES}."
              + " Default: a model's folder says it itself.")
  private ModelFamily family;

  @Option(
      names = "--manifest",
      paramLabel = "FILE",
      description = "Compare the files with these SHA-256 digests.")
  private Path manifest;

  @Option(
      names = "--write-manifest",
      paramLabel = "FILE",
      description = "Write the SHA-256 digests of the files, unless something is wrong.")
  private Path written;

  private final Console console;

  VerifyCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    OutputFile.check("--write-manifest", written, "");
    Manifest wanted = manifest == null ? null : Manifest.read(manifest);
    List<String> faults = new ArrayList<>();
    ProgressReport progress = new ProgressReport(console);
    try (Cancellation cancellation = new Cancellation(progress)) {
      Verification found =
          Verification.of(path, Families.ALL, Optional.ofNullable(family), cancellation);
      progress.endBar();
      faults.addAll(found.faults());
      found.scans().forEach(this::print);
      found.family().ifPresent(known -> line("names and shapes compared with " + known.id()));
      if (wanted != null) {
        faults.addAll(wanted.faults(path, cancellation));
        progress.endBar();
        line("digests compared with %s".formatted(manifest));
      }
      faults.forEach(this::line);
      if (!faults.isEmpty()) {
        throw new UnusableInputException(
            "%s: %d %s, see above"
                .formatted(path, faults.size(), faults.size() == 1 ? "fault" : "faults"));
      }
      if (written != null) {
        Manifest digests = Manifest.of(path, written, cancellation);
        progress.endBar();
        digests.write(written);
        line("digests of %d files written to %s".formatted(digests.digests().size(), written));
      }
    } finally {
      progress.endBar();
    }
    line("nothing is wrong");
    return Program.DONE;
  }

  private void print(Verification.Scan scan) {
    long bytes = scan.tensors().stream().mapToLong(count -> count.tensor().byteSize()).sum();
    line(
        "%s: %d tensors, %s read"
            .formatted(scan.checkpoint(), scan.tensors().size(), CheckpointReport.size(bytes)));
  }

  private void line(String text) {
    console.out().println(text);
  }
}
