package dev.orrery.cli.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ProgressReportTest {
  private final TestConsole console = new TestConsole();
  private long nanos = Long.MAX_VALUE - 500_000_000;

  @Test
  void aPipeGetsAtMostOneLineASecond() {
    ProgressReport report = new ProgressReport(console.console(), () -> nanos);
    // Fast stages and a slow one: ten reports a second for 20 seconds, a new stage every 30.
    for (int i = 0; i < 200; i++) {
      report.report("stage " + i / 30, i % 30 + 1, 30);
      nanos += 100_000_000;
    }
    assertEquals(20, console.err().lines().count(), console.err());
    assertTrue(console.err().startsWith("stage 0: 1 of 30\nstage 0: 11 of 30\n"), console.err());
  }

  /** What a stage came to is not lost when other lines follow. */
  @Test
  void theEndOfAStageIsShownBeforeOtherLines() {
    ProgressReport report = new ProgressReport(console.console(), () -> nanos);
    report.report("loading", 1, 3);
    report.report("loading", 2, 3);
    report.report("loading", 3, 3);
    report.line("model");
    report.report("making", 1, 3);
    report.line("unfinished");
    nanos += 2_000_000_000;
    report.report("making", 3, 3);
    nanos += 2_000_000_000;
    report.report("making", 3, 3);
    report.endBar();
    report.endBar();
    assertEquals(
        "loading: 1 of 3\nloading: 3 of 3\nmodel\nunfinished\nmaking: 3 of 3\n", console.err());
  }

  @Test
  void quietIsSilent() {
    for (boolean terminal : new boolean[] {false, true}) {
      ProgressReport report = new ProgressReport(console.console(terminal), () -> nanos);
      report.silence();
      report.report("loading", 1, 1);
      report.line("model");
      report.endBar();
    }
    assertEquals("", console.err());
  }
}
