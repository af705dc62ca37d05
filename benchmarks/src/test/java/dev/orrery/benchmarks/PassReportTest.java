package dev.orrery.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.model.Families;
import dev.orrery.model.family.ModelFamily;
import dev.orrery.model.family.SyntheticScale;
import dev.orrery.model.session.Progress;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.weights.synthesize.SyntheticModel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PassReportTest {
  @TempDir Path folder;

  /** What is told by kernel and by shape is the whole pass, and only what multiplies is alone. */
  @Test
  void everyLaunchOfAPassIsTold() throws Exception {
    Path model = folder.resolve("tiny");
    ModelFamily family = Families.ALL.ofId("vid2world").orElseThrow();
    SyntheticModel.write(family, SyntheticScale.TINY, 1, model, Progress.NONE);
    byte[] json =
        PassReport.run(model, 2, 1, CpuBackend.reference(1), Machine.here(1))
            .getBytes(StandardCharsets.UTF_8);
    JsonValue report = JsonValue.parse("report", json);
    assertEquals(report.number("operations"), sum(report.get("kernels"), "operations"));
    assertEquals(report.number("operations"), sum(report.get("shapes"), "operations"));
    assertEquals(sum(report.get("kernels"), "calls"), sum(report.get("shapes"), "calls"));
    assertTrue(report.number("milliseconds") > sum(report.get("kernels"), "milliseconds") - 0.01);
    Set<String> alone =
        report.get("kernels").asList().stream()
            .filter(row -> row.number("aloneMilliseconds") > 0)
            .map(row -> row.string("kernel"))
            .collect(Collectors.toSet());
    assertEquals(Set.of("Matmul", "MatmulResidual", "Conv2d", "CausalConv3d"), alone);
  }

  private static double sum(JsonValue rows, String key) {
    List<JsonValue> list = rows.asList();
    return list.stream().mapToDouble(row -> row.number(key)).sum();
  }
}
