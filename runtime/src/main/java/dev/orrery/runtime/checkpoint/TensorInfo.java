package dev.orrery.runtime.checkpoint;

import dev.orrery.kernels.tensor.Shape;

/**
 * One entry of a safetensors header.
 *
 * @param name the tensor's name
 * @param type its element type on disk
 * @param shape its extents
 * @param begin its first byte, counted from the end of the header
 * @param end the byte after its last one
 */
public record TensorInfo(String name, StoredType type, Shape shape, long begin, long end) {
  /** Bytes of its data. */
  public long byteSize() {
    return end - begin;
  }

  /** The tensor without its place in the file. */
  public TensorSpec spec() {
    return new TensorSpec(name, type, shape, byteSize());
  }
}
