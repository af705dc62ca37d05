package dev.orrery.runtime.memory;

import dev.orrery.kernels.backend.TensorArena;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * What a workspace takes: in memory that elements of any kind can lie in, and in memory where each
 * kind of element needs a stack of its own.
 *
 * @param shared bytes of one stack for everything
 * @param apart bytes of the stacks for elements of 1, 2, 4 and 8 bytes that are no I32, then for
 *     I32; none where memory is known to be shared
 */
public record WorkspaceSize(long shared, long... apart) {
  /** Sizes of elements: 1, 2, 4 and 8 bytes; and I32. */
  static final int STACKS = 5;

  /** The stack for I32, which beside fp32 is memory of another kind. */
  static final int INT32 = 4;

  /**
   * Bytes that it takes of a kind of memory.
   *
   * @param reinterprets see {@link TensorArena#reinterprets}
   */
  public long bytes(boolean reinterprets) {
    return reinterprets ? shared : LongStream.of(apart).sum();
  }

  /** Room for either of two uses that are never at once. */
  public WorkspaceSize or(WorkspaceSize other) {
    return new WorkspaceSize(
        Math.max(shared, other.shared),
        IntStream.range(0, STACKS)
            .mapToLong(stack -> Math.max(apart[stack], other.apart[stack]))
            .toArray());
  }
}
