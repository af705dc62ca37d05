package dev.orrery.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class StepsReportTest {
  @Test
  void thePageHasTheStoredResults() throws Exception {
    Path checkout = Path.of(System.getProperty("project.root"));
    assertEquals(
        StepsReport.text(checkout),
        Files.readString(StepsReport.page(checkout)).replace("\r\n", "\n"),
        "the table of steps is not what the stored results give");
  }
}
