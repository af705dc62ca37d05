package dev.orrery.kernels.cuda;

/** The CUDA driver reported an error. The device may be unusable afterwards. */
public final class CudaException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public CudaException(String message) {
    super(message);
  }
}
