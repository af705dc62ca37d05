package dev.orrery.cli.weights;

import dev.orrery.cli.command.Console;
import dev.orrery.cli.command.ConsoleCommand;
import dev.orrery.cli.command.ProgressReport;
import dev.orrery.cli.command.UnusableInputException;
import dev.orrery.weights.hub.DownloadPlan;
import dev.orrery.weights.hub.DownloadProgress;
import dev.orrery.weights.hub.FileSelection;
import dev.orrery.weights.hub.HubDownload;
import dev.orrery.weights.hub.HubException;
import dev.orrery.weights.hub.HubFile;
import dev.orrery.weights.hub.HubSettings;
import dev.orrery.weights.hub.RepositoryId;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code orrery weights download}. */
@Command(
    name = "download",
    synopsisHeading =
        "Examples:%n"
            + "  orrery weights download Skywork/Matrix-Game-2.0 --include \"base_*\" --dry-run%n"
            + "  orrery weights download Wan-AI/Wan2.2-TI2V-5B-Diffusers --include \"vae/*\" --local-dir wan%n"
            + "  orrery weights download Skywork/Matrix-Game-2.0 --revision main --cache hub%n"
            + "%nUsage: ",
    description =
        "Downloads a repository from a Hugging Face hub, or some of its files, and prints the folder"
            + " where they are. What the cache has already is not received again; the Python library"
            + " uses the same cache. Every file is checked against the hash that the hub lists.",
    footer = {
      "",
      "A pattern's * matches any characters, also slashes.",
      "",
      "Variables: HF_TOKEN identifies you to hubs that ask who you are (or the file token of HF_HOME),",
      "HF_ENDPOINT and HF_HUB_CACHE are defaults of --endpoint and --cache, HF_HOME is",
      "~/.cache/huggingface by default, and with HF_HUB_OFFLINE=1 only the cache is used.",
      "",
      "After a failure and after Ctrl-C, what was received stays; call again to go on from there."
    })
final class DownloadCommand extends ConsoleCommand {
  private static final long KIB = 1 << 10;
  private static final long MIB = 1 << 20;

  @Parameters(index = "0", paramLabel = "REPO", description = "The repository: owner/name.")
  private String repository;

  @Parameters(
      index = "1..*",
      paramLabel = "FILE",
      description = "Paths in the repository. Default: all files.")
  private List<String> files = List.of();

  @Option(
      names = "--revision",
      paramLabel = "NAME",
      defaultValue = "main",
      description = "A branch, tag or commit. Default: ${DEFAULT-VALUE}.")
  private String revision;

  @Option(
      names = "--include",
      paramLabel = "GLOB",
      description = "Only files that match, and those named. Can be repeated.")
  private List<String> include = List.of();

  @Option(
      names = "--exclude",
      paramLabel = "GLOB",
      description = "No files that match. Can be repeated.")
  private List<String> exclude = List.of();

  @Option(
      names = "--endpoint",
      paramLabel = "URL",
      description = "The hub. It gets your token. Default: https://huggingface.co.")
  private String endpoint;

  @Option(
      names = "--cache",
      paramLabel = "DIR",
      description = "The folder of the cache. Default: the one of the Python library.")
  private Path cache;

  @Option(
      names = "--local-dir",
      paramLabel = "DIR",
      description =
          "Put the files themselves there, not into the cache. Files of the same name that differ are"
              + " replaced.")
  private Path localFolder;

  @Option(
      names = "--dry-run",
      description = "Show which files there are, their sizes, and what would be received.")
  private boolean dryRun;

  private final Map<String, String> environment;
  private final Path home;

  /**
   * @param environment the variables of the process
   * @param home the folder of the user
   */
  DownloadCommand(Console console, Map<String, String> environment, Path home) {
    super(console);
    this.environment = environment;
    this.home = home;
  }

  @Override
  protected void run() throws HubException, InterruptedException {
    if (localFolder != null && Files.exists(localFolder) && !Files.isDirectory(localFolder)) {
      throw new UnusableInputException(
          "--local-dir: expected a folder, found the file " + localFolder);
    }
    try {
      HubSettings settings = settings();
      RepositoryId id = new RepositoryId(repository);
      try (HubDownload download =
          new HubDownload(settings, id, Optional.ofNullable(localFolder), new Bar(progress()))) {
        FileSelection selection = new FileSelection(files, include, exclude);
        if (settings.offline() && localFolder == null) {
          printLine(download.cached(revision, selection));
        } else {
          run(download, download.plan(revision, selection));
        }
      }
    } catch (IllegalArgumentException e) {
      throw misused(e.getMessage());
    }
  }

  private HubSettings settings() throws HubException {
    HubSettings settings = HubSettings.of(environment, home);
    if (endpoint != null) {
      settings = settings.withEndpoint(URI.create(endpoint));
    }
    return cache == null ? settings : settings.withCache(cache);
  }

  private void run(HubDownload download, DownloadPlan plan)
      throws HubException, InterruptedException {
    if (dryRun) {
      print(plan.text());
      return;
    }
    printLine(download.run(plan));
  }

  /** A bar that counts in steps which suit the size of the download. */
  private record Bar(ProgressReport report) implements DownloadProgress {
    @Override
    public void report(HubFile file, long done, long total) {
      boolean large = total >= 10 * MIB;
      long unit = large ? MIB : KIB;
      String stage = large ? "downloading, MiB" : "downloading, KiB";
      report.report(stage, (int) (done / unit), (int) (total / unit));
    }

    @Override
    public void retrying(String reason, Duration pause) {
      report.line(reason + "; trying again in " + pause.toSeconds() + " s");
    }
  }
}
