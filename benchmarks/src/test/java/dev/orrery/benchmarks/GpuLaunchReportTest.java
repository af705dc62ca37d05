package dev.orrery.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.cuda.CudaTestDevice;
import dev.orrery.model.family.SyntheticScale;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The launches of models are measured as on a GPU, on the emulated one and at the size of tests.
 */
class GpuLaunchReportTest {
  private static final Path CHECKOUT = Path.of(System.getProperty("project.root"));
  private static final GpuStopwatch.Effort SMALL = new GpuStopwatch.Effort(1, 1, 1);

  @TempDir Path root;

  private static GpuLaunchReport report(double mostSeconds) {
    return new GpuLaunchReport(
        CudaTestDevice.openForModels(), new CudaCost(CHECKOUT), SMALL, mostSeconds);
  }

  private static JsonValue parsed(String json) {
    return JsonValue.parse("test", json.getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @ValueSource(strings = {"matrix-game-2", "worldplay-wan5b"})
  void measuredStandsBesidePredicted(String family) throws IOException {
    FamilyLaunches.Chunk chunk = FamilyLaunches.onGpu(family, SyntheticScale.TINY, null);
    String json;
    try (GpuLaunchReport report = report(1e6)) {
      json = report.chunk(family, "bf16", chunk);
    }
    JsonValue stored = parsed(json);
    assertTrue(stored.number("measuredShare") > 0.98, () -> "some were not measured: " + json);
    assertTrue(stored.number("framesPerSecond") > 0);
    List<JsonValue> rows = stored.get("launches").asList();
    boolean missesAreOver = false;
    for (JsonValue row : rows) {
      double ratio = row.number("microseconds") / row.number("predictedMicroseconds");
      assertEquals(1, row.number("ratio") / ratio, 0.05, () -> row.string("launch"));
      boolean misses = Math.abs(ratio - 1) > ChunkCost.TOLERATED;
      assertTrue(!misses || !missesAreOver, () -> row.string("launch") + " misses, and comes late");
      missesAreOver |= !misses;
    }
    assertIsFoundAgain(json, chunk);
  }

  /** Stored for an H200, times stand beside the predictions of the page. */
  private void assertIsFoundAgain(String json, FamilyLaunches.Chunk chunk) throws IOException {
    Path file = root.resolve(GpuPage.RESULTS).resolve("h200").resolve(GpuPage.FILE);
    Files.createDirectories(file.getParent());
    Files.writeString(file, "{\"gpu\": \"NVIDIA H200\", \"launches\": [" + json + "]}");
    JsonValue row = parsed(json).get("launches").asList().getFirst();
    PlannedLaunch launch =
        chunk.launches().stream()
            .filter(each -> each.name().equals(row.string("launch")))
            .findFirst()
            .orElseThrow();
    assertEquals(
        OptionalDouble.of(1e-6 * row.number("microseconds")),
        new MeasuredTimes(root).seconds(launch));
  }

  @Test
  void pairsAreMeasuredWithAndWithoutOverlap() {
    FamilyLaunches.Chunk chunk = FamilyLaunches.onGpu("matrix-game-2", SyntheticScale.TINY, null);
    List<JsonValue> rows;
    try (GpuLaunchReport report = report(1e6)) {
      rows = parsed(report.overlaps(GpuOverlap.pairs(chunk.launches()))).asList();
    }
    assertEquals(4, rows.size());
    for (JsonValue row : rows) {
      double gained = (row.number("oneAfterTheOther") - row.number("microseconds")) / 2;
      assertEquals(gained, row.number("gained"), 0.02, () -> row.string("pair"));
      assertEquals(1e6 * HopperRates.OVERLAP, row.number("predictedGain"), 1e-9);
    }
  }

  @Test
  void stopsWhenItsTimeIsOver() {
    FamilyLaunches.Chunk chunk = FamilyLaunches.onGpu("matrix-game-2", SyntheticScale.TINY, null);
    try (GpuLaunchReport report = report(0)) {
      JsonValue stored = parsed(report.chunk("matrix-game-2", "bf16", chunk));
      assertEquals(List.of(), stored.get("launches").asList());
      assertEquals(
          stored.number("predictedFramesPerSecond"), stored.number("framesPerSecond"), 1e-9);
    }
  }

  /** A product in each width of tiles, and each operation that predictions are least sure of. */
  @Test
  void questionsDiffer() {
    CudaCost costs = new CudaCost(CHECKOUT);
    List<PlannedLaunch> launches = GpuQuestions.launches().launches();
    assertEquals(launches.size(), launches.stream().map(PlannedLaunch::name).distinct().count());
    List<String> kernels = launches.stream().map(launch -> costs.of(launch).kernel()).toList();
    for (String kernel :
        List.of(
            "128x128",
            "128x192",
            "128x256",
            "128x256 in pairs",
            "PropeAttention",
            "AttentionHopper",
            "AttentionInt8Hopper",
            "Conv")) {
      assertTrue(kernels.stream().anyMatch(name -> name.contains(kernel)), kernels::toString);
    }
    assertTrue(CudaCost.shape(launches.getLast()).endsWith("stride 2"), launches.getLast()::name);
  }
}
