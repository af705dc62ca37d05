package dev.orrery.cli;

import dev.orrery.cli.command.ProgressReport;
import dev.orrery.model.session.Progress;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * Tells how long frames will take, once the first step of the first of them is taken: some models
 * need minutes for one, and nobody should find that out by waiting. A first step that is soon over
 * was mostly spent on compiling the program, so then it is the second that counts.
 */
final class TimeEstimate implements Progress {
  /** What is over sooner needs no word. */
  private static final double WORTH_TELLING_SECONDS = 60;

  /** A step that takes longer says what the model takes, even while the program is compiled. */
  private static final double WARM_SECONDS = 10;

  private final ProgressReport report;
  private final int frames;
  private final LongSupplier nanoTime;
  private long began;
  private int doneBefore;
  private boolean begun;
  private boolean told;

  /**
   * @param frames that will be made
   */
  TimeEstimate(ProgressReport report, int frames) {
    this(report, frames, System::nanoTime);
  }

  TimeEstimate(ProgressReport report, int frames, LongSupplier nanoTime) {
    this.report = report;
    this.frames = frames;
    this.nanoTime = nanoTime;
  }

  @Override
  public void report(String stage, int done, int total) {
    if (!begun) {
      begin(done);
      begun = true;
    } else if (!told && done > doneBefore) {
      double seconds = (nanoTime.getAsLong() - began) / 1e9;
      if (doneBefore == 0 && seconds < WARM_SECONDS) {
        begin(done);
      } else {
        told = true;
        tell(seconds * total / (done - doneBefore));
      }
    }
    report.report(stage, done, total);
  }

  private void begin(int done) {
    began = nanoTime.getAsLong();
    doneBefore = done;
  }

  private void tell(double seconds) {
    if (seconds >= WORTH_TELLING_SECONDS) {
      report.line(
          "time    about " + text(seconds / frames) + " a frame, " + text(seconds) + " for all");
    }
  }

  private static String text(double seconds) {
    if (seconds < 100) {
      return String.format(Locale.ROOT, "%.1f s", seconds);
    }
    return seconds < 100 * 60
        ? String.format(Locale.ROOT, "%.0f min", seconds / 60)
        : String.format(Locale.ROOT, "%.1f h", seconds / 3600);
  }
}
