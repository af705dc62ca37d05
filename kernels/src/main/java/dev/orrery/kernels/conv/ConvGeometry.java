package dev.orrery.kernels.conv;

/**
 * The numbers that say which input pixels an output pixel sees: output {@code (t, y, x)} sums the
 * inputs {@code (t * timeStride + a, y * stride + b - top, x * stride + c - left)}.
 *
 * @param kernelFrames extent of a
 * @param kernelRows extent of b
 * @param kernelColumns extent of c
 * @param timeStride step along time
 * @param stride step along rows and columns
 * @param top rows of zeros above
 * @param left columns of zeros before
 */
record ConvGeometry(
    int kernelFrames,
    int kernelRows,
    int kernelColumns,
    int timeStride,
    int stride,
    int top,
    int left) {

  /** Kernel positions. */
  int taps() {
    return kernelFrames * kernelRows * kernelColumns;
  }
}
