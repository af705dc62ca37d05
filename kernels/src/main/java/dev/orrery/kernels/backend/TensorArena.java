package dev.orrery.kernels.backend;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;

/**
 * Memory with one explicit lifetime: every tensor that an arena gave out is valid until the arena
 * is closed, and then all of them are gone. Nothing is left to the garbage collector.
 */
public interface TensorArena extends AutoCloseable {
  /**
   * A new tensor of zeros in this backend's memory.
   *
   * @throws OutOfMemoryError if the memory cannot be had; the message says how much was asked for
   */
  Tensor empty(DType dtype, long... extents);

  /**
   * Whether memory of this arena can be looked at as elements of any size. If not, a buffer holds
   * elements of the size it was asked for with.
   */
  default boolean reinterprets() {
    return true;
  }

  /** Bytes given out so far. */
  long byteSize();

  /** Frees everything that this arena gave out. Closing twice does nothing. */
  @Override
  void close();
}
