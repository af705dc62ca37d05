package dev.orrery.weights.torch;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Copies pieces of a view of a storage, in row-major order, without a copy of the whole. */
final class StridedCopy {
  private final MemorySegment storage;
  private final int elementBytes;
  private final long[] extents;
  private final long[] strides;

  /** Axes before those that lie in the storage without gaps. */
  private final int outerAxes;

  /** Elements that lie in the storage without gaps. */
  private final long run;

  private final long offset;

  /**
   * @param tensor the view
   * @param storage bytes of its storage
   */
  StridedCopy(TorchTensor tensor, MemorySegment storage) {
    this.storage = storage;
    this.elementBytes = tensor.dtype().byteSize();
    this.extents = tensor.shape().extents();
    this.strides = tensor.strides().stream().mapToLong(Long::longValue).toArray();
    this.offset = tensor.offset();
    int axis = extents.length;
    long elements = 1;
    while (axis > 0 && (extents[axis - 1] == 1 || strides[axis - 1] == elements)) {
      elements *= extents[--axis];
    }
    this.outerAxes = axis;
    this.run = elements;
  }

  /**
   * Copies elements.
   *
   * @param first index of the first one in row-major order
   * @param target gets as many as it has room for
   */
  void copy(long first, MemorySegment target) {
    long count = target.byteSize() / elementBytes;
    long done = 0;
    while (done < count) {
      long index = first + done;
      long outer = index / run;
      long within = index % run;
      long from = offset + within;
      for (int axis = outerAxes - 1; axis >= 0; axis--) {
        from += outer % extents[axis] * strides[axis];
        outer /= extents[axis];
      }
      if (run > 1 || outerAxes == 0) {
        long elements = Math.min(run - within, count - done);
        MemorySegment.copy(
            storage, from * elementBytes, target, done * elementBytes, elements * elementBytes);
        done += elements;
      } else {
        long row = extents[outerAxes - 1];
        long elements = Math.min(row - index % row, count - done);
        gather(from, strides[outerAxes - 1], elements, target, done);
        done += elements;
      }
    }
  }

  /** Copies elements that lie at equal distances. */
  private void gather(long from, long stride, long elements, MemorySegment target, long to) {
    long step = stride * elementBytes;
    long source = from * elementBytes;
    long at = to * elementBytes;
    // Byte order does not matter: elements are moved, not read.
    for (long i = 0; i < elements; i++, source += step, at += elementBytes) {
      switch (elementBytes) {
        case 1 -> target.set(ValueLayout.JAVA_BYTE, at, storage.get(ValueLayout.JAVA_BYTE, source));
        case 2 ->
            target.set(
                ValueLayout.JAVA_SHORT_UNALIGNED,
                at,
                storage.get(ValueLayout.JAVA_SHORT_UNALIGNED, source));
        case 4 ->
            target.set(
                ValueLayout.JAVA_INT_UNALIGNED,
                at,
                storage.get(ValueLayout.JAVA_INT_UNALIGNED, source));
        default ->
            target.set(
                ValueLayout.JAVA_LONG_UNALIGNED,
                at,
                storage.get(ValueLayout.JAVA_LONG_UNALIGNED, source));
      }
    }
  }
}
