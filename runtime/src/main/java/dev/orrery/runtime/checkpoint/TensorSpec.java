package dev.orrery.runtime.checkpoint;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;

/**
 * A tensor without its data.
 *
 * @param name the tensor's name
 * @param type its element type
 * @param shape its extents
 * @param byteSize bytes of its data
 */
public record TensorSpec(String name, StoredType type, Shape shape, long byteSize) {
  /** A tensor of a type to compute with. */
  public TensorSpec(String name, DType dtype, Shape shape) {
    this(
        name,
        StoredType.of(dtype),
        shape,
        Math.multiplyExact(shape.elements(), (long) dtype.byteSize()));
  }

  /**
   * The type to compute with.
   *
   * @throws IllegalStateException if there is none
   */
  public DType dtype() {
    return type.dtype()
        .orElseThrow(() -> new IllegalStateException(name + ": cannot compute with " + type));
  }
}
