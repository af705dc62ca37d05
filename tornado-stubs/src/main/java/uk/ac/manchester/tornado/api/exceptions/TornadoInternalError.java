package uk.ac.manchester.tornado.api.exceptions;

/** What TornadoVM did not expect, kernels that it cannot compile among it. */
public class TornadoInternalError extends Error {
  private static final long serialVersionUID = 1L;

  public TornadoInternalError(String message) {
    super(message);
  }
}
