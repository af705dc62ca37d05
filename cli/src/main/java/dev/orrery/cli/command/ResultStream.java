package dev.orrery.cli.command;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;

/**
 * Where results go. A {@link PrintStream} goes on when something cannot be written; this one knows
 * what it was, so that a program does not end well with half a report.
 */
public final class ResultStream extends PrintStream {
  private final Target target;
  private final boolean pipe;

  /**
   * @param to gets the bytes
   * @param pipe whether failures mean that the reader has gone
   */
  public ResultStream(OutputStream to, Charset charset, boolean pipe) {
    Target target = new Target(to);
    super(target, false, charset);
    this.target = target;
    this.pipe = pipe;
  }

  /**
   * Requires that everything so far was written.
   *
   * @throws ResultException if not
   */
  void requireWritten() {
    if (checkError()) {
      throw new ResultException(pipe, target.failure);
    }
  }

  /** Results cannot be written; the message is one line for the user. */
  static final class ResultException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final boolean readerGone;

    private ResultException(boolean readerGone, IOException cause) {
      super("the standard output cannot be written (" + cause.getMessage() + ")", cause);
      this.readerGone = readerGone;
    }

    /** Whether nobody reads any more, as after {@code | head}, which is no failure to report. */
    boolean readerGone() {
      return readerGone;
    }
  }

  /** Keeps the first failure, which a PrintStream only notes. */
  private static final class Target extends OutputStream {
    private final OutputStream to;
    private IOException failure;

    Target(OutputStream to) {
      this.to = to;
    }

    @Override
    public void write(int value) throws IOException {
      write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int count) throws IOException {
      try {
        to.write(bytes, from, count);
      } catch (IOException e) {
        throw kept(e);
      }
    }

    @Override
    public void flush() throws IOException {
      try {
        to.flush();
      } catch (IOException e) {
        throw kept(e);
      }
    }

    private IOException kept(IOException e) {
      if (failure == null) {
        failure = e;
      }
      return e;
    }
  }
}
