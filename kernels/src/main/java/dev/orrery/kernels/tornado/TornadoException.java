package dev.orrery.kernels.tornado;

/** A device of TornadoVM failed at work that it should be able to do. */
public final class TornadoException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** A failure in one line, whatever TornadoVM says. */
  TornadoException(String what, Throwable cause) {
    super(what + ": " + TornadoVm.plain(cause), cause);
  }
}
