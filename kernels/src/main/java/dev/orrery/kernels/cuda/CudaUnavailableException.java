package dev.orrery.kernels.cuda;

/** No NVIDIA GPU can be used here; the message says in one line why, and what would help. */
public final class CudaUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public CudaUnavailableException(String message) {
    super(message);
  }

  public CudaUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
