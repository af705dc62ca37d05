package dev.orrery.runtime.memory;

import dev.orrery.kernels.backend.PlannedBuffer;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.Buffer;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import java.util.stream.Stream;

/**
 * Memory for the activations of one forward pass, used as a stack: a layer takes its result from
 * the {@link Frame} of its caller, opens one inside it for whatever else it needs, and gives that
 * back when it closes it. The memory itself is allocated once, so a pass allocates nothing, and a
 * pass over the same shapes finds its tensors at the same addresses.
 *
 * <p>Where memory of one type cannot be looked at as another, there is a stack for each kind of
 * element instead of one for all.
 *
 * <p>How much is needed is measured, not guessed: run the pass once on a {@link #measuring}
 * workspace.
 */
public final class Workspace {
  /** Every tensor starts at a multiple of this many bytes. */
  private static final long ALIGNMENT = 64;

  /** For elements of any size; null where there is none. */
  private final Run shared;

  /** One for each kind of element, see {@link WorkspaceSize}; null where there are none. */
  private final Run[] apart;

  private Frame innermost;

  private Workspace(Run shared, Run[] apart) {
    this.shared = shared;
    this.apart = apart;
  }

  /** A workspace of a size. */
  public static Workspace of(TensorArena arena, WorkspaceSize size) {
    if (arena.reinterprets()) {
      return new Workspace(Run.of(arena, DType.U8, size.shared()), null);
    }
    long[] bytes = size.apart();
    return new Workspace(
        null,
        new Run[] {
          Run.of(arena, DType.U8, bytes[0]),
          Run.of(arena, DType.BF16, bytes[1]),
          Run.of(arena, DType.F32, bytes[2]),
          Run.of(arena, DType.F64, bytes[3]),
          Run.of(arena, DType.I32, bytes[WorkspaceSize.INT32])
        });
  }

  /** A workspace without memory and without end, whose {@link #highWater} is what a pass needs. */
  public static Workspace measuring() {
    return new Workspace(
        Run.planned(),
        Stream.generate(Run::planned).limit(WorkspaceSize.STACKS).toArray(Run[]::new));
  }

  /** Opens a frame; the tensors taken from it are gone when it is closed. */
  public Frame frame() {
    return new Frame(innermost);
  }

  /** The most that was ever in use at once, of each stack that there is. */
  public WorkspaceSize highWater() {
    return new WorkspaceSize(
        shared == null ? 0 : shared.highWater,
        Stream.of(apart == null ? new Run[0] : apart).mapToLong(run -> run.highWater).toArray());
  }

  /** One stack. */
  private static final class Run {
    private final Buffer buffer;
    private final long origin;
    private long used;
    private long highWater;

    private Run(Buffer buffer, long origin) {
      this.buffer = buffer;
      this.origin = origin;
    }

    /** A run of so many bytes, made of elements of a dtype. */
    static Run of(TensorArena arena, DType dtype, long bytes) {
      if (bytes == 0) {
        return new Run(new PlannedBuffer(0), 0);
      }
      Tensor memory = arena.empty(dtype, Math.ceilDiv(bytes, dtype.byteSize()));
      return new Run(memory.buffer(), memory.byteOffset());
    }

    static Run planned() {
      return new Run(new PlannedBuffer(Long.MAX_VALUE), 0);
    }

    long room() {
      return buffer.byteSize() - origin;
    }

    /**
     * Takes a tensor.
     *
     * @throws IllegalStateException if there is no room
     */
    Tensor take(DType dtype, Shape shape) {
      long bytes = (shape.elements() * dtype.byteSize() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
      if (bytes > room() - used) {
        throw new IllegalStateException(
            "workspace of "
                + room()
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
  }

  /** The tensors of one layer or one pass. */
  public final class Frame implements AutoCloseable {
    private final Frame outer;
    private final long sharedStart;
    private final long[] apartStarts;

    private Frame(Frame outer) {
      this.outer = outer;
      sharedStart = shared == null ? 0 : shared.used;
      apartStarts = apart == null ? null : Stream.of(apart).mapToLong(run -> run.used).toArray();
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
      Tensor tensor = apart == null ? null : runOf(dtype).take(dtype, shape);
      // While memory is measured there are both, and what is measured of each is needed.
      return shared == null ? tensor : shared.take(dtype, shape);
    }

    private Run runOf(DType dtype) {
      return apart[
          dtype == DType.I32
              ? WorkspaceSize.INT32
              : Integer.numberOfTrailingZeros(dtype.byteSize())];
    }

    private void requireInnermost() {
      if (innermost != this) {
        throw new IllegalStateException("expected the innermost frame, found an outer one");
      }
    }

    @Override
    public void close() {
      if (shared != null) {
        shared.used = sharedStart;
      }
      if (apart != null) {
        for (int stack = 0; stack < apart.length; stack++) {
          apart[stack].used = apartStarts[stack];
        }
      }
      innermost = outer;
    }
  }
}
