package dev.orrery.kernels.conv;

import dev.orrery.kernels.tensor.Tensor;

/**
 * The numbers that say which input pixels an output pixel sees: output {@code (t, y, x)} sums the
 * inputs {@code (t * timeStride + a, y * stride + b - top, x * stride + c - left)}.
 *
 * @param kernelFrames extent of a
 * @param kernelRows extent of b
 * @param kernelColumns extent of c
 * @param timeStride step along time
 * @param stride step along rows and columns
 * @param top rows that are seen above a frame
 * @param left columns that are seen before it
 * @param edge what these rows and columns, and those behind the frame, hold
 */
record ConvGeometry(
    int kernelFrames,
    int kernelRows,
    int kernelColumns,
    int timeStride,
    int stride,
    int top,
    int left,
    Edge edge) {
  /** A convolution over frames that sees as much on all sides of them as keeps their size. */
  static ConvGeometry causal3d(Tensor weight, int timeStride, Edge edge) {
    int rows = weight.size(1);
    int columns = weight.size(2);
    return new ConvGeometry(
        weight.size(0), rows, columns, timeStride, 1, (rows - 1) / 2, (columns - 1) / 2, edge);
  }

  /** A convolution within each frame. */
  static ConvGeometry conv2d(Tensor weight, int stride, Conv2d.Padding padding) {
    return new ConvGeometry(
        1, weight.size(0), weight.size(1), 1, stride, padding.top(), padding.left(), Edge.ZEROS);
  }

  /** Kernel positions. */
  int taps() {
    return kernelFrames * kernelRows * kernelColumns;
  }
}
