package dev.orrery.cli;

import dev.orrery.cli.command.ProgressReport;
import dev.orrery.model.session.Progress;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * Tells how long frames will take, once the first step of the first of them is taken: some models
 * need minutes for one, and nobody should find that out by waiting.
 */
final class TimeEstimate implements Progress {
  /** What is over sooner needs no word. */
  private static final double WORTH_TELLING_SECONDS = 60;

  private final ProgressReport report;
  private final int frames;
  private final LongSupplier nanoTime;
  private long began;
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
      began = nanoTime.getAsLong();
      begun = true;
    } else if (!told && done > 0) {
      told = true;
      double seconds = (nanoTime.getAsLong() - began) / 1e9 * total / done;
      if (seconds >= WORTH_TELLING_SECONDS) {
        report.line(
            "time    about " + text(seconds / frames) + " a frame, " + text(seconds) + " for all");
      }
    }
    report.report(stage, done, total);
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
