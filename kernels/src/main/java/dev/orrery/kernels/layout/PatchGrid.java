package dev.orrery.kernels.layout;

import dev.orrery.kernels.tensor.Tensor;

/**
 * How frames are cut into patches. Rows of patches are counted over all frames.
 *
 * @param frames frames
 * @param rows pixel rows of a frame
 * @param columns pixel columns of a frame
 * @param channels values of a pixel
 * @param patch rows and columns of a patch
 */
record PatchGrid(int frames, int rows, int columns, int channels, int patch) {
  /** The grid of {@code frames [T, Y, X, C]}. */
  static PatchGrid of(Tensor frames, int patch) {
    return new PatchGrid(frames.size(0), frames.size(1), frames.size(2), frames.size(3), patch);
  }

  /** Rows of patches of all frames. */
  int patchRows() {
    return frames * patchRowsOfFrame();
  }

  int patchRowsOfFrame() {
    return Math.ceilDiv(rows, patch);
  }

  int patchColumns() {
    return Math.ceilDiv(columns, patch);
  }

  /** Values of a patch. */
  long values() {
    return (long) channels * patch * patch;
  }

  long token(int patchRow, int patchColumn) {
    return (long) patchRow * patchColumns() + patchColumn;
  }

  /** Rows of a patch that lie in its frame. */
  int filledRows(int patchRow) {
    return Math.min(patch, rows - patchRow % patchRowsOfFrame() * patch);
  }

  /** Columns of a patch that lie in its frame. */
  int filledColumns(int patchColumn) {
    return Math.min(patch, columns - patchColumn * patch);
  }

  /** Index over all frames of the first pixel of a row of a patch. */
  long pixel(int patchRow, int patchColumn, int dy) {
    long frame = patchRow / patchRowsOfFrame();
    long row = frame * rows + patchRow % patchRowsOfFrame() * patch + dy;
    return row * columns + (long) patchColumn * patch;
  }
}
