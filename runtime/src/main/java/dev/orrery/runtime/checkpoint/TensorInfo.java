package dev.orrery.runtime.checkpoint;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;

/**
 * One entry of a safetensors header.
 *
 * @param name the tensor's name
 * @param dtype its element type on disk
 * @param shape its extents
 * @param begin its first byte, counted from the end of the header
 * @param end the byte after its last one
 */
public record TensorInfo(String name, DType dtype, Shape shape, long begin, long end) {
  /** Bytes of its data. */
  public long byteSize() {
    return end - begin;
  }
}
