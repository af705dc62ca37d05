package dev.orrery.kernels.tornado;

/** TornadoVM, or the device of it that was asked for, cannot be used; the message says why. */
public final class TornadoUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public TornadoUnavailableException(String message) {
    super(message);
  }

  public TornadoUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
