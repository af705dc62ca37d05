package dev.orrery.runtime.checkpoint;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;

/**
 * A tensor without its data.
 *
 * @param name the tensor's name
 * @param dtype its element type
 * @param shape its extents
 */
public record TensorSpec(String name, DType dtype, Shape shape) {
  /** Bytes of its data. */
  public long byteSize() {
    return Math.multiplyExact(shape.elements(), (long) dtype.byteSize());
  }
}
