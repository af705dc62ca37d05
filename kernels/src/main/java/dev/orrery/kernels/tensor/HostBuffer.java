package dev.orrery.kernels.tensor;

import java.lang.foreign.MemorySegment;

/**
 * Memory that the CPU reads and writes directly: off-heap, on the heap or mapped from a file.
 *
 * @param segment the bytes
 */
public record HostBuffer(MemorySegment segment) implements Buffer {
  @Override
  public long byteSize() {
    return segment.byteSize();
  }

  @Override
  public String location() {
    return "host";
  }
}
