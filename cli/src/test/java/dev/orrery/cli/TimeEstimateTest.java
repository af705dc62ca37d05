package dev.orrery.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.orrery.cli.command.ProgressReport;
import dev.orrery.cli.command.TestConsole;
import org.junit.jupiter.api.Test;

class TimeEstimateTest {
  private final TestConsole console = new TestConsole();
  private long nanos = 5;

  private String told(int frames, int steps, double secondsOfAStep) {
    return told(frames, steps, secondsOfAStep, secondsOfAStep);
  }

  private String told(int frames, int steps, double firstSeconds, double secondsOfAStep) {
    TimeEstimate estimate =
        new TimeEstimate(new ProgressReport(console.console()), frames, () -> nanos);
    for (int done = 0; done < 3; done++) {
      estimate.report("taking steps", done, steps);
      nanos += (long) ((done == 0 ? firstSeconds : secondsOfAStep) * 1e9);
    }
    return String.join(
        "\n", console.err().lines().filter(line -> line.startsWith("time")).toList());
  }

  @Test
  void slowFramesAreToldAfterTheFirstStep() {
    assertEquals("time    about 26 min a frame, 5.2 h for all", told(12, 12 * 52, 30));
  }

  @Test
  void manyFramesAreToldToo() {
    assertEquals("time    about 4.0 s a frame, 3 min for all", told(50, 50 * 4, 1));
  }

  /** Which is when the program is compiled. */
  @Test
  void aFirstStepThatIsSoonOverDoesNotCount() {
    assertEquals("time    about 4.0 s a frame, 3 min for all", told(50, 50 * 4, 9, 1));
  }

  @Test
  void aSlowFirstStepAloneIsNotWorthAWord() {
    assertEquals("", told(50, 50 * 4, 9, 0.2));
  }

  @Test
  void whatIsSoonOverIsNot() {
    assertEquals("", told(12, 12 * 52, 0.05));
  }
}
