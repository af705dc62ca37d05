package dev.orrery.kernels.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A contiguous, row-major view of a {@link Buffer}. Slicing is possible along the first axis only,
 * so every view stays contiguous; another layout needs a kernel that produces it.
 *
 * <p>A tensor owns nothing: it is valid as long as its buffer is.
 */
public final class Tensor {
  private final DType dtype;
  private final Shape shape;
  private final Buffer buffer;
  private final long byteOffset;

  /**
   * A view of {@code buffer} that starts at {@code byteOffset}.
   *
   * @throws IllegalArgumentException if the view does not fit in the buffer
   */
  public Tensor(DType dtype, Shape shape, Buffer buffer, long byteOffset) {
    this.dtype = dtype;
    this.shape = shape;
    this.buffer = buffer;
    this.byteOffset = byteOffset;
    if (byteOffset < 0 || byteSize() > buffer.byteSize() - byteOffset) {
      throw new IllegalArgumentException(
          "tensor "
              + dtype
              + shape
              + " at byte "
              + byteOffset
              + " does not fit in a buffer of "
              + buffer.byteSize()
              + " bytes");
    }
  }

  /** A view of host memory, from its first byte on. */
  public static Tensor host(DType dtype, Shape shape, MemorySegment segment) {
    return new Tensor(dtype, shape, new HostBuffer(segment), 0);
  }

  /** A host tensor of fp32 values that shares the array. */
  public static Tensor of(float[] values, long... extents) {
    return host(DType.F32, Shape.of(extents), MemorySegment.ofArray(values));
  }

  public DType dtype() {
    return dtype;
  }

  public Shape shape() {
    return shape;
  }

  public Buffer buffer() {
    return buffer;
  }

  /** First byte of this view in its buffer. */
  public long byteOffset() {
    return byteOffset;
  }

  /** Bytes this view covers. */
  public long byteSize() {
    return Math.multiplyExact(shape.elements(), (long) dtype.byteSize());
  }

  /** Extent of one axis as an {@code int}; negative axes count from the end. */
  public int size(int axis) {
    return Math.toIntExact(shape.extent(axis));
  }

  /** Number of elements. */
  public long elements() {
    return shape.elements();
  }

  /**
   * Entries {@code [from, to)} of the first axis.
   *
   * @throws IndexOutOfBoundsException if the range is not inside the first axis
   */
  public Tensor slice(long from, long to) {
    if (shape.rank() == 0 || from < 0 || to < from || to > shape.extent(0)) {
      throw new IndexOutOfBoundsException(
          "slice [" + from + ", " + to + ") of the first axis of " + shape);
    }
    long rowBytes = shape.rowElements() * dtype.byteSize();
    return new Tensor(dtype, shape.withFirst(to - from), buffer, byteOffset + from * rowBytes);
  }

  /** Entry {@code index} of the first axis, with that axis dropped. */
  public Tensor row(long index) {
    long[] extents = shape.extents();
    long[] rest = new long[extents.length - 1];
    System.arraycopy(extents, 1, rest, 0, rest.length);
    return slice(index, index + 1).reshape(rest);
  }

  /**
   * The same elements under another shape.
   *
   * @throws IllegalArgumentException if the number of elements differs
   */
  public Tensor reshape(long... extents) {
    Shape to = Shape.of(extents);
    if (to.elements() != shape.elements()) {
      throw new IllegalArgumentException(
          "cannot view " + shape + " as " + to + ": the number of elements differs");
    }
    return new Tensor(dtype, to, buffer, byteOffset);
  }

  /**
   * The host memory of exactly this view.
   *
   * @throws IllegalStateException if the tensor does not lie in host memory
   */
  public MemorySegment segment() {
    if (buffer instanceof HostBuffer host) {
      return host.segment().asSlice(byteOffset, byteSize());
    }
    throw new IllegalStateException(
        this + " lies in " + buffer.location() + " memory, not in host memory");
  }

  /**
   * A copy of the values of a host fp32 tensor.
   *
   * @throws IllegalStateException if the tensor is not fp32 in host memory
   */
  public float[] toFloats() {
    if (dtype != DType.F32) {
      throw new IllegalStateException("expected an F32 tensor, found " + this);
    }
    return segment().toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
  }

  @Override
  public String toString() {
    return dtype + shape.toString();
  }
}
