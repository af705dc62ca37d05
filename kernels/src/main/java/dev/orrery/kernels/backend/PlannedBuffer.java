package dev.orrery.kernels.backend;

import dev.orrery.kernels.tensor.Buffer;

/**
 * A size without memory: what a buffer is while memory is only being planned.
 *
 * @param byteSize size in bytes
 */
public record PlannedBuffer(long byteSize) implements Buffer {
  @Override
  public String location() {
    return "planned";
  }
}
