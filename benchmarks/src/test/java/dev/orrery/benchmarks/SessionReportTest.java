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
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Sessions of every family can be measured, from the start that lies in a model's folder. */
class SessionReportTest {
  @TempDir Path folder;

  /** Nothing is measured here, so another JMH on the machine does no harm. */
  @BeforeAll
  static void besideOthers() {
    System.setProperty("jmh.ignoreLock", "true");
  }

  static List<String> families() {
    return Families.ALL.list().stream()
        .filter(family -> !family.syntheticFiles(SyntheticScale.TINY).isEmpty())
        .map(ModelFamily::id)
        .toList();
  }

  @ParameterizedTest
  @MethodSource("families")
  void aRowForEverythingThatASessionDoes(String family) throws Exception {
    Path model = folder.resolve("tiny");
    SyntheticModel.write(
        Families.ALL.ofId(family).orElseThrow(), SyntheticScale.TINY, 1, model, Progress.NONE);
    String[] quick = {"-f", "0", "-wi", "0", "-i", "1", "-r", "1ms", "-v", "SILENT"};
    String[] cases = {
      "-p", "folder=" + model, "-p", "before=1,3", "-p", "full=2", "-p", "threads=1"
    };
    String[] all = new String[quick.length + cases.length];
    System.arraycopy(quick, 0, all, 0, quick.length);
    System.arraycopy(cases, 0, all, quick.length, cases.length);
    String json = new SessionReport(new Jmh(all)).run();
    List<JsonValue> rows =
        JsonValue.parse("report", json.getBytes(StandardCharsets.UTF_8)).get("sessions").asList();
    assertEquals(
        List.of(
            "next chunk",
            "next chunk after 3",
            "start and first chunk",
            "fork of a world with full windows",
            "resume it",
            "save it, until the disk has it"),
        rows.stream().map(row -> row.string("what")).toList());
    for (JsonValue row : rows) {
      assertTrue(row.number("milliseconds") > 0, family);
      boolean makesFrames = row.string("what").contains("chunk");
      assertEquals(makesFrames, row.integer("frames") > 0, family + ", " + row.string("what"));
    }
  }
}
