package dev.orrery.kernels.backend;

/**
 * A backend has no kernel for an operation that a model needs. Raised when the model is built,
 * never later.
 */
public final class MissingKernelException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public MissingKernelException(String message) {
    super(message);
  }
}
