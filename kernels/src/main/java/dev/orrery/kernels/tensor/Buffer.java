package dev.orrery.kernels.tensor;

/**
 * A run of bytes that some backend owns: host memory, device memory, or, while memory is only being
 * planned, a size without memory. A buffer is valid until the arena it came from is closed.
 */
public interface Buffer {
  /** Size in bytes. */
  long byteSize();

  /**
   * Where the bytes lie, as shown in error messages: {@code host}, {@code cuda:0}, {@code planned}.
   */
  String location();
}
