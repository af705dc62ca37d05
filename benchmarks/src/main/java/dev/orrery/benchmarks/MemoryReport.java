package dev.orrery.benchmarks;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.model.Families;
import dev.orrery.model.session.MemoryPlan;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.ResidentMemory;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.session.WorldSession;
import dev.orrery.runtime.media.RgbImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Plays a model for many chunks and writes the resident memory beside what was planned: once
 * loaded, after ten chunks and at the end, to {@code benchmarks/results/cpu/memory.json}, and
 * {@code docs/performance.md} anew.
 */
public final class MemoryReport {
  private static final int SETTLED = 10;
  private static final int EVERY = 50;

  private MemoryReport() {}

  /**
   * Runs the report.
   *
   * @param args the root of the checkout, the number of chunks, and a model's folder (else the demo
   *     world)
   */
  public static void main(String[] args) throws Exception {
    Path root = Path.of(args.length > 0 ? args[0] : "");
    int chunks = args.length > 1 ? Integer.parseInt(args[1]) : 500;
    Path folder = args.length > 2 ? Path.of(args[2]) : root.resolve("models/demo-world");
    MemoryPlan plan = Families.ALL.open(folder).plan(PlanningBackend.cpu());
    System.gc();
    long java = ResidentMemory.bytes();
    List<String> rows = new ArrayList<>();
    try (Backend backend = CpuBackend.simd(Runtime.getRuntime().availableProcessors());
        WorldModel model = Families.ALL.open(folder).load(backend, Progress.NONE)) {
      rows.add(row("loaded", java + plan.loaded()));
      RgbImage start = RgbImage.read(folder.resolve("start.png"));
      try (WorldSession session = model.start(start, 42, Progress.NONE)) {
        for (int chunk = 1; chunk <= chunks; chunk++) {
          session.step(model.actionSpace().controls().action(Set.of(chunk % 40 < 20 ? "w" : "l")));
          if (chunk == SETTLED || chunk % EVERY == 0) {
            rows.add(row("chunk " + chunk, java + plan.playing()));
          }
        }
      }
    }
    Path out = root.resolve(PerformancePage.RESULTS).resolve("memory.json");
    Files.createDirectories(out.getParent());
    Files.writeString(out, "[\n" + String.join(",\n", rows) + "\n]\n");
    PerformancePage.write(root);
  }

  private static String row(String when, long planned) {
    System.gc();
    String row =
        String.format(
            Locale.ROOT,
            "  {\"when\": \"%s\", \"plannedBytes\": %d, \"residentBytes\": %d}",
            when,
            planned,
            ResidentMemory.bytes());
    System.out.println(row);
    return row;
  }
}
