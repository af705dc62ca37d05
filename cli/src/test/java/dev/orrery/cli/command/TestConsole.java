package dev.orrery.cli.command;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** Keeps what commands write. */
public final class TestConsole {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  /** Of a process that nobody watches. */
  public Console console() {
    return console(false);
  }

  /** Whether on a terminal or not. */
  public Console console(boolean terminal) {
    return new Console(new ResultStream(out, StandardCharsets.UTF_8, false), stream(err), terminal);
  }

  /** All results so far. */
  public String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  /** All progress and failures so far. */
  public String err() {
    return err.toString(StandardCharsets.UTF_8);
  }

  /** Forgets both. */
  public void reset() {
    out.reset();
    err.reset();
  }

  private static PrintStream stream(ByteArrayOutputStream bytes) {
    return new PrintStream(bytes, true, StandardCharsets.UTF_8);
  }
}
