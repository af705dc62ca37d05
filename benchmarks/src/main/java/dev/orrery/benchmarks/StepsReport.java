package dev.orrery.benchmarks;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.model.Families;
import dev.orrery.model.family.ModelFamily;
import dev.orrery.model.family.ModelFolder;
import dev.orrery.model.family.SyntheticScale;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.WorldSession;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.media.Psnr;
import dev.orrery.weights.synthesize.SyntheticModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * How far a frame of Vid2World of random weights with fewer denoising steps is from that of 50,
 * once with the noise of every step, once without. Stores {@code benchmarks/results/cpu/steps.json}
 * and writes the table of {@code docs/models/vid2world.md} anew.
 */
public final class StepsReport {
  private static final String FILE = "steps.json";
  private static final String BEGIN = "<!-- measured: steps -->\n";
  private static final String END = "<!-- end -->\n";
  private static final int MOST = 50;
  private static final List<Integer> FEWER = List.of(20, 10, 5);

  private StepsReport() {}

  /**
   * A row of the table.
   *
   * @param what was compared with the picture of most steps
   * @param noisy PSNR in dB, with the noise of every step
   * @param still likewise, without
   */
  private record Row(String what, double noisy, double still) {
    String json() {
      return String.format(
          Locale.ROOT, "  {\"what\": \"%s\", \"eta1\": %.2f, \"eta0\": %.2f}", what, noisy, still);
    }
  }

  /**
   * Runs the report.
   *
   * @param args the root of the checkout, and a folder that is not there yet for the model
   */
  public static void main(String[] args) throws IOException {
    Path root = Path.of(args[0]);
    Path folder = Path.of(args[1]);
    ModelFamily family = Families.ALL.ofId("vid2world").orElseThrow();
    SyntheticModel.write(family, SyntheticScale.SMALL, 1, folder, Progress.NONE);
    List<Double> noisy = distances(folder);
    Path config = folder.resolve("config.json");
    Files.writeString(config, Files.readString(config).replaceFirst("\\{", "{\"eta\": 0,"));
    List<Double> still = distances(folder);
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < FEWER.size(); i++) {
      rows.add(new Row(FEWER.get(i) + " steps", noisy.get(i), still.get(i)));
    }
    rows.add(new Row(MOST + " steps, another seed", noisy.getLast(), still.getLast()));
    String json = rows.stream().map(Row::json).collect(Collectors.joining(",\n", "[\n", "\n]\n"));
    Files.writeString(root.resolve(PerformancePage.RESULTS).resolve(FILE), json);
    Files.writeString(page(root), text(root));
  }

  /** PSNR of each number of steps, and of another seed, to the picture of most steps. */
  private static List<Double> distances(Path folder) throws IOException {
    byte[] reference = frame(folder, MOST, OpenedModel.SEED);
    List<Double> distances = new ArrayList<>();
    for (int steps : FEWER) {
      distances.add(Psnr.decibels(reference, frame(folder, steps, OpenedModel.SEED)));
    }
    distances.add(Psnr.decibels(reference, frame(folder, MOST, OpenedModel.SEED + 1)));
    return distances;
  }

  private static byte[] frame(Path folder, int steps, long seed) throws IOException {
    ModelFolder opened = Families.ALL.open(folder).withSteps(steps);
    Backend backend = CpuBackend.simd(Runtime.getRuntime().availableProcessors());
    try (OpenedModel model = OpenedModel.open(opened, folder, backend, seed);
        WorldSession session = model.start()) {
      return model.step(session).rgb();
    }
  }

  /** The page that has the table. */
  static Path page(Path root) {
    return root.resolve("docs/models/vid2world.md");
  }

  /** The page as it should be by the stored results. */
  static String text(Path root) throws IOException {
    String found = Files.readString(page(root)).replace("\r\n", "\n");
    int begin = found.indexOf(BEGIN) + BEGIN.length();
    JsonValue stored = JsonValue.read(root.resolve(PerformancePage.RESULTS).resolve(FILE));
    String rows =
        stored.asList().stream()
            .map(
                row ->
                    String.format(
                        Locale.ROOT,
                        "| %s | %.1f dB | %.1f dB |\n",
                        row.string("what"),
                        row.number("eta1"),
                        row.number("eta0")))
            .collect(Collectors.joining());
    return found.substring(0, begin)
        + "| Compared with "
        + MOST
        + " steps | PSNR, `\"eta\": 1` | PSNR, `\"eta\": 0` |\n| --- | --- | --- |\n"
        + rows
        + found.substring(found.indexOf(END, begin));
  }
}
