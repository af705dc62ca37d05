package dev.orrery.runtime.memory;

import dev.orrery.kernels.backend.PlannedBuffer;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.Buffer;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;

/**
 * Memory for the activations of one forward pass, used as a stack: a layer takes its result from
 * the {@link Frame} of its caller, opens one inside it for whatever else it needs, and gives that
 * back when it closes it. The memory itself is allocated once, so a pass allocates nothing, and a
 * pass over the same shapes finds its tensors at the same addresses.
 *
 * <p>How much is needed is measured, not guessed: run the pass once on a {@link #measuring}
 * workspace.
 */
public final class Workspace {
  /** Every tensor starts at a multiple of this many bytes. */
  private static final long ALIGNMENT = 64;

  private final Buffer buffer;
  private final long origin;
  private long used;
  private long highWater;
  private Frame innermost;

  private Workspace(Buffer buffer, long origin) {
    this.buffer = buffer;
    this.origin = origin;
  }

  /** A workspace of so many bytes. */
  public static Workspace of(TensorArena arena, long bytes) {
    Tensor memory = arena.empty(DType.U8, bytes);
    return new Workspace(memory.buffer(), memory.byteOffset());
  }

  /** A workspace without memory and without end, whose {@link #highWater} is what a pass needs. */
  public static Workspace measuring() {
    return new Workspace(new PlannedBuffer(Long.MAX_VALUE), 0);
  }

  /** Opens a frame; the tensors taken from it are gone when it is closed. */
  public Frame frame() {
    return new Frame(innermost, used);
  }

  /** The most bytes that were ever in use at once. */
  public long highWater() {
    return highWater;
  }

  /** The tensors of one layer or one pass. */
  public final class Frame implements AutoCloseable {
    private final Frame outer;
    private final long start;

    private Frame(Frame outer, long start) {
      this.outer = outer;
      this.start = start;
      innermost = this;
    }

    /**
     * Opens a frame inside this one, for what a layer needs beside its result.
     *
     * @throws IllegalStateException if this is not the innermost frame
     */
    public Frame inner() {
      requireInnermost();
      return frame();
    }

    /** A tensor of unknown content with the dtype and the shape of another one. */
    public Tensor like(Tensor input) {
      return empty(input.dtype(), input.shape().extents());
    }

    /**
     * A tensor of unknown content with the dtype of another one: what a layer makes of its input.
     */
    public Tensor like(Tensor input, long... extents) {
      return empty(input.dtype(), extents);
    }

    /**
     * A tensor of unknown content.
     *
     * @throws IllegalStateException if the workspace is too small, which means that it was measured
     *     on other shapes; or if a frame that was opened after this one is still open, which would
     *     give the memory away when it is closed
     */
    public Tensor empty(DType dtype, long... extents) {
      requireInnermost();
      Shape shape = Shape.of(extents);
      long bytes = (shape.elements() * dtype.byteSize() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
      if (bytes > buffer.byteSize() - origin - used) {
        throw new IllegalStateException(
            "workspace of "
                + (buffer.byteSize() - origin)
                + " bytes has no room for "
                + shape
                + " beside "
                + used
                + " bytes in use");
      }
      Tensor tensor = new Tensor(dtype, shape, buffer, origin + used);
      used += bytes;
      highWater = Math.max(highWater, used);
      return tensor;
    }

    private void requireInnermost() {
      if (innermost != this) {
        throw new IllegalStateException("expected the innermost frame, found an outer one");
      }
    }

    @Override
    public void close() {
      used = start;
      innermost = outer;
    }
  }
}
