package dev.orrery.kernels.attention;

import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.cpu.LaneSums;
import dev.orrery.kernels.cpu.Scratch;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Rows {@code [frame][row][D]} where vectors can be loaded: tensor memory itself if its values are
 * fp32 and D is a multiple of {@link LaneSums#PARTS}, else a copy of some rows of all frames, each
 * widened by zeros.
 */
final class FrameRowsSimd {
  private final FloatView values;
  private final MemorySegment tensor;
  private final Scratch.Memory copyKey;
  private final Scratch.Floats rowKey;
  private final int frames;
  private final int rows;
  private final int headDim;
  private final int width;
  private final int most;
  private final boolean direct;

  /**
   * The rows of an operand.
   *
   * @param x {@code [F, S, H, D]}
   * @param most rows of a block
   * @param copyKey where a block is copied to
   * @param rowKey working memory for that
   */
  FrameRowsSimd(Tensor x, int most, Scratch.Memory copyKey, Scratch.Floats rowKey) {
    values = FloatView.of(x);
    tensor = x.segment();
    this.copyKey = copyKey;
    this.rowKey = rowKey;
    this.most = most;
    frames = x.size(0);
    rows = Math.multiplyExact(x.size(1), x.size(2));
    headDim = x.size(3);
    width = Math.ceilDiv(headDim, LaneSums.PARTS) * LaneSums.PARTS;
    direct = x.dtype() == DType.F32 && width == headDim;
  }

  /** The memory in which a block of {@code count} rows from {@code row} on can be read. */
  MemorySegment read(int row, int count, Scratch scratch) {
    if (direct) {
      return tensor;
    }
    MemorySegment copy = scratch.memory(copyKey, 4L * frames * most * width);
    float[] floats = scratch.floats(rowKey, most * headDim);
    copy.fill((byte) 0);
    for (int frame = 0; frame < frames; frame++) {
      values.copy(((long) frame * rows + row) * headDim, floats, 0, count * headDim);
      for (int i = 0; i < count; i++) {
        long to = at(frame, row) + 4L * i * width;
        MemorySegment.copy(
            floats, i * headDim, copy, ValueLayout.JAVA_FLOAT_UNALIGNED, to, headDim);
      }
    }
    return copy;
  }

  /** Byte offset there of the block that begins with {@code row}, in a frame. */
  long at(int frame, int row) {
    return direct ? 4 * ((long) frame * rows + row) * headDim : 4L * frame * most * width;
  }
}
