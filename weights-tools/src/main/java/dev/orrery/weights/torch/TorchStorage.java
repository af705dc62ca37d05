package dev.orrery.weights.torch;

import dev.orrery.kernels.tensor.DType;

/**
 * A run of elements that tensors are views of; one entry of the archive.
 *
 * @param key its name, unique in the archive
 * @param dtype its element type; {@link DType#U8} if it has none of its own
 * @param elements number of elements
 */
public record TorchStorage(String key, DType dtype, long elements) {
  /** Bytes of its data. */
  public long byteSize() {
    return Math.multiplyExact(elements, (long) dtype.byteSize());
  }
}
