package dev.orrery.cli.command;

import dev.orrery.model.session.Progress;
import java.io.PrintStream;
import java.util.Locale;

/** Progress for people: a bar that moves on a terminal, a line for every tenth elsewhere. */
public final class ProgressReport implements Progress {
  private static final int BAR_WIDTH = 30;
  private static final long REDRAW_NANOS = 80_000_000;

  private final PrintStream err;
  private final boolean terminal;
  private String stage = "";
  private int tenths;
  private long drawn;
  private boolean barShown;

  /** Nothing is shown before the first report. */
  public ProgressReport(Console console) {
    this.err = console.err();
    this.terminal = console.terminal();
  }

  @Override
  public void report(String what, int done, int total) {
    boolean begins = !what.equals(stage);
    if (begins) {
      endBar();
      stage = what;
      tenths = -1;
    }
    double part = total > 0 ? Math.min(1, (double) done / total) : 1;
    if (terminal) {
      long now = System.nanoTime();
      if (begins || part == 1 || now - drawn > REDRAW_NANOS) {
        drawn = now;
        drawBar(part, done, total);
      }
    } else if ((int) (10 * part) > tenths) {
      tenths = (int) (10 * part);
      err.printf(Locale.ROOT, "%s: %d of %d%n", stage, done, total);
    }
  }

  /** A line between the reports. */
  public void line(String text) {
    endBar();
    err.println(text);
  }

  /** Leaves the line of the bar, if one is shown. */
  public void endBar() {
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
