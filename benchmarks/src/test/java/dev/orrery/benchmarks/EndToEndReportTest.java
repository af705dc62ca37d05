package dev.orrery.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.model.Families;
import dev.orrery.model.family.ModelFamily;
import dev.orrery.model.family.SyntheticScale;
import dev.orrery.model.session.Progress;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.weights.synthesize.SyntheticModel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Models of every family are measured from their beginning; how fast they are is another matter.
 */
class EndToEndReportTest {
  @TempDir Path folder;

  static List<String> families() {
    return Families.ALL.list().stream().map(ModelFamily::id).toList();
  }

  @ParameterizedTest
  @MethodSource("families")
  void partsOfAChunkAreItsTime(String family) throws Exception {
    String tiny = tiny(family).toString();
    JsonValue first = parsed(EndToEnd.first(tiny, 1, 5));
    assertEquals(5, first.number("java"));
    JsonValue played = parsed(EndToEnd.played(tiny, 1, 2, 0));
    assertEquals(2, played.integer("chunks"));
    assertTrue(played.integer("passes") > 0);
    double parts =
        Stream.of("conditioning", "denoising", "decoding", "completing")
            .mapToDouble(played::number)
            .sum();
    assertEquals(played.number("p50"), parts, 0.01);
    assertTrue(played.number("plannedBytes") > 0 && played.number("peakBytes") > 0);
    assertEquals("[2]", played.get("settledBytes").keys().toString());
  }

  /** What processes of their own measured becomes a file, and that the section of a page. */
  @Test
  void processesOfTheirOwnMeasure() throws Exception {
    Path tiny = tiny("oasis");
    Path file = folder.resolve("benchmarks/results/here/" + EndToEndReport.FILE);
    List<String> lines = new ArrayList<>();
    new EndToEndReport(new EndToEndReport.Effort(1, 51, 60), folder, lines::add)
        .run(List.of(tiny), Machine.here(1), "abc", file);
    assertTrue(lines.getLast().startsWith("tiny-oasis: first frames after "), lines::toString);
    String page = EndToEndPage.text(folder);
    assertTrue(page.contains("### On here\n"), page);
    assertTrue(page.contains("| tiny-oasis: Oasis, 24x16, 2 denoising steps"), page);
    assertTrue(page.contains("| tiny-oasis | 51 | "), page);
    assertTrue(Files.readString(file).contains("\"abc\""));
  }

  private Path tiny(String family) throws Exception {
    Path tiny = folder.resolve("tiny-" + family);
    SyntheticModel.write(
        Families.ALL.ofId(family).orElseThrow(), SyntheticScale.TINY, 1, tiny, Progress.NONE);
    return tiny;
  }

  private static JsonValue parsed(String json) {
    return JsonValue.parse("results", json.getBytes(StandardCharsets.UTF_8));
  }
}
