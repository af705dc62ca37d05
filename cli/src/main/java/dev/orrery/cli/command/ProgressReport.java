package dev.orrery.cli.command;

import dev.orrery.model.session.Progress;
import java.io.PrintStream;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * Progress for people: a bar that moves on a terminal; elsewhere, such as in a log, at most one
 * line a second. The end of a stage that is followed by other lines is shown in any case.
 */
public final class ProgressReport implements Progress {
  private static final int BAR_WIDTH = 30;
  private static final long REDRAW_NANOS = 80_000_000;
  private static final long LINE_NANOS = 1_000_000_000;

  private final PrintStream err;
  private final boolean terminal;
  private final LongSupplier nanoTime;
  private boolean quiet;
  private String stage = "";
  private long shown;
  private boolean shownBefore;
  private boolean barShown;

  /** A report on the end of the stage that waits for its second; empty if none does. */
  private String waiting = "";

  /** The last report that was written; the end of some stages is reported twice. */
  private String written = "";

  /** Nothing is shown before the first report. */
  public ProgressReport(Console console) {
    this(console, System::nanoTime);
  }

  /**
   * @param nanoTime a clock
   */
  ProgressReport(Console console, LongSupplier nanoTime) {
    this.err = console.err();
    this.terminal = console.terminal();
    this.nanoTime = nanoTime;
  }

  /** Shows nothing from now on. */
  void silence() {
    quiet = true;
  }

  @Override
  public void report(String what, int done, int total) {
    if (quiet) {
      return;
    }
    boolean begins = !what.equals(stage);
    double part = total > 0 ? Math.min(1, (double) done / total) : 1;
    if (terminal) {
      if (begins) {
        endBar();
      }
      stage = what;
      if (begins || part == 1 || isOver(REDRAW_NANOS)) {
        drawBar(part, done, total);
      }
    } else {
      stage = what;
      String line = what + ": " + done + " of " + total;
      if (line.equals(written)) {
        return;
      }
      waiting = line;
      if (isOver(LINE_NANOS)) {
        writeWaiting();
      } else if (part < 1) {
        waiting = "";
      }
    }
  }

  /** Whether the last report that was shown is long ago; then this time counts for the next. */
  private boolean isOver(long nanos) {
    long now = nanoTime.getAsLong();
    if (shownBefore && now - shown < nanos) {
      return false;
    }
    shownBefore = true;
    shown = now;
    return true;
  }

  private void writeWaiting() {
    if (!waiting.isEmpty()) {
      err.println(waiting);
      written = waiting;
      waiting = "";
    }
  }

  /** A line between the reports. */
  public void line(String text) {
    endBar();
    if (!quiet) {
      err.println(text);
    }
  }

  /** Leaves the line of the bar, if one is shown, and shows an end that still waits. */
  public void endBar() {
    writeWaiting();
    if (barShown) {
      err.println();
      barShown = false;
    }
    stage = "";
  }

  private void drawBar(double part, int done, int total) {
    int full = (int) (BAR_WIDTH * part);
    String bar = "#".repeat(full) + ".".repeat(BAR_WIDTH - full);
    err.printf(Locale.ROOT, "\r%-18s [%s] %d of %d", stage, bar, done, total);
    err.flush();
    barShown = true;
  }
}
