package dev.orrery.runtime.checkpoint;

import dev.orrery.kernels.tensor.Buffer;

/**
 * The size of memory that is not there: tensors of a plan have it as their buffer.
 *
 * @param byteSize the size
 */
public record PlannedBuffer(long byteSize) implements Buffer {
  @Override
  public String location() {
    return "planned";
  }
}
