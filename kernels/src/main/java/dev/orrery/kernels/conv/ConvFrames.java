package dev.orrery.kernels.conv;

import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.tensor.Tensor;
import java.util.Arrays;

/**
 * What a convolution on the CPU reads: the frames of the history and those of x, with the edge
 * around each. Frames count from the first of the history, rows and columns from the first that an
 * output sees, which may lie before the frame.
 */
final class ConvFrames {
  private final ConvGeometry geometry;
  private final FloatView history;
  private final FloatView x;
  private final int historyFrames;
  private final int frames;
  private final int rows;
  private final int columns;
  private final int channels;

  /**
   * The frames of a call.
   *
   * @param history {@code [Th, Y, X, Ci]}, or null
   * @param x {@code [T, Y, X, Ci]}
   */
  ConvFrames(ConvGeometry geometry, Tensor history, Tensor x) {
    this.geometry = geometry;
    this.history = history == null ? null : FloatView.of(history);
    this.x = FloatView.of(x);
    historyFrames = history == null ? 0 : history.size(0);
    frames = historyFrames + x.size(0);
    rows = x.size(1);
    columns = x.size(2);
    channels = x.size(3);
  }

  private boolean repeated() {
    return geometry.edge() == Edge.REPEATED;
  }

  /** Whether a row is one of a frame, if only repeated; the others are zeros. */
  boolean holds(int frame, int row) {
    int y = row - geometry.top();
    return frame < frames && (repeated() || y >= 0 && y < rows);
  }

  /** Copies all pixels that the frame has in a row that it holds. */
  void copyRow(int frame, int row, float[] to, int at) {
    copyInside(frame, row, 0, columns, to, at);
  }

  /** Copies some pixels, those of the edge among them. */
  void copy(int frame, int row, int column, int count, float[] to, int at) {
    if (!holds(frame, row)) {
      Arrays.fill(to, at, at + count * channels, 0);
      return;
    }
    int first = column - geometry.left();
    int inside = Math.clamp(-first, 0, count);
    int behind = Math.clamp(columns - first, inside, count);
    copyEdge(frame, row, 0, inside, to, at);
    copyInside(frame, row, first + inside, behind - inside, to, at + inside * channels);
    copyEdge(frame, row, columns - 1, count - behind, to, at + behind * channels);
  }

  private void copyEdge(int frame, int row, int nearest, int count, float[] to, int at) {
    if (!repeated()) {
      Arrays.fill(to, at, at + count * channels, 0);
      return;
    }
    for (int pixel = 0; pixel < count; pixel++) {
      copyInside(frame, row, nearest, 1, to, at + pixel * channels);
    }
  }

  private void copyInside(int frame, int row, int column, int count, float[] to, int at) {
    boolean past = frame < historyFrames;
    int y = Math.clamp(row - geometry.top(), 0, rows - 1);
    long source = ((long) (past ? frame : frame - historyFrames) * rows + y) * columns + column;
    (past ? history : x).copy(source * channels, to, at, count * channels);
  }
}
