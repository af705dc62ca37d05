package dev.orrery.kernels.backend;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Off-heap host memory that any thread may use, freed when the arena is closed. */
public final class HostArena implements TensorArena {
  /** Tensors start at cache lines, so that a vector load never crosses one. */
  private static final long ALIGNMENT = 64;

  private final Arena arena = Arena.ofShared();
  private long bytes;

  @Override
  public synchronized Tensor empty(DType dtype, long... extents) {
    Shape shape = Shape.of(extents);
    long size = Math.multiplyExact(shape.elements(), (long) dtype.byteSize());
    MemorySegment segment;
    try {
      segment = arena.allocate(Math.max(size, 1), ALIGNMENT);
    } catch (OutOfMemoryError e) {
      OutOfMemoryError error =
          new OutOfMemoryError(
              "no host memory for "
                  + dtype
                  + shape
                  + ": "
                  + size
                  + " bytes asked for, "
                  + bytes
                  + " held by this arena");
      error.initCause(e);
      throw error;
    }
    bytes += size;
    return Tensor.host(dtype, shape, segment);
  }

  @Override
  public synchronized long byteSize() {
    return bytes;
  }

  @Override
  public synchronized void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
