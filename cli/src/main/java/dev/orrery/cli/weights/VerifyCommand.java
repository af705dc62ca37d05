package dev.orrery.cli.weights;

import dev.orrery.cli.command.Cancellation;
import dev.orrery.cli.command.Console;
import dev.orrery.cli.command.ConsoleCommand;
import dev.orrery.cli.command.OutputFile;
import dev.orrery.cli.command.UnusableInputException;
import dev.orrery.model.Families;
import dev.orrery.model.family.ModelFamily;
import dev.orrery.weights.report.CheckpointReport;
import dev.orrery.weights.verify.Manifest;
import dev.orrery.weights.verify.Verification;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code orrery weights verify}. */
@Command(
    name = "verify",
    synopsisHeading =
        "Examples:%n"
            + "  orrery weights verify models/demo-world%n"
            + "  orrery weights verify models/demo-world --write-manifest demo-world.sha256%n"
            + "  orrery weights verify models/demo-world --manifest demo-world.sha256%n"
            + "%nUsage: ",
    description =
        "Reads checkpoints completely and lists what is wrong with them: headers, names and shapes"
            + " that are not those of the model, values that are no numbers, bytes that are not"
            + " those of a manifest.",
    footer = {
      "",
      "Exit codes: 0 nothing is wrong, 2 something is. Manifests are those of sha256sum."
    })
final class VerifyCommand extends ConsoleCommand {
  /** Faults beyond these say nothing that the first ones do not. */
  private static final int MOST_SHOWN = 20;

  @Parameters(
      paramLabel = "FILE|DIR",
      description = "A .safetensors file, its .index.json, a PyTorch archive, or a folder of them.")
  private Path path;

  @Option(
      names = "--family",
      paramLabel = "NAME",
      description =
          "Compare names and shapes with the networks of this family: ${families}."
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

  private final Families families;

  VerifyCommand(Console console, Families families) {
    super(console);
    this.families = families;
  }

  @Override
  protected void run() throws IOException {
    OutputFile.check("--write-manifest", written, "");
    Manifest wanted = manifest == null ? null : Manifest.read(manifest);
    List<String> faults = new ArrayList<>();
    try (Cancellation cancellation = new Cancellation(progress())) {
      Verification found =
          Verification.of(path, families, Optional.ofNullable(family), cancellation);
      faults.addAll(found.faults());
      found.scans().forEach(this::print);
      found.family().ifPresent(known -> printLine("names and shapes compared with " + known.id()));
      if (wanted != null) {
        faults.addAll(wanted.faults(path, cancellation));
        printLine(String.format(Locale.ROOT, "digests compared with %s", manifest));
      }
      faults.stream().limit(MOST_SHOWN).forEach(this::printLine);
      if (faults.size() > MOST_SHOWN) {
        printLine("and " + (faults.size() - MOST_SHOWN) + " more");
      }
      if (!faults.isEmpty()) {
        throw new UnusableInputException(
            String.format(
                Locale.ROOT,
                "%s: %d %s, see above",
                path,
                faults.size(),
                faults.size() == 1 ? "fault" : "faults"));
      }
      if (written != null) {
        Manifest digests = Manifest.of(path, written, cancellation);
        digests.write(written);
        printLine(
            String.format(
                Locale.ROOT,
                "digests of %d files written to %s",
                digests.digests().size(),
                written));
      }
    }
    printLine("nothing is wrong");
  }

  private void print(Verification.Scan scan) {
    long bytes = scan.tensors().stream().mapToLong(count -> count.tensor().byteSize()).sum();
    printLine(
        String.format(
            Locale.ROOT,
            "%s: %d tensors, %s read",
            scan.checkpoint(),
            scan.tensors().size(),
            CheckpointReport.size(bytes)));
  }
}
