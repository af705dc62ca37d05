package dev.orrery.model.oasis;

/**
 * Where the frames of a window that slides lie in a buffer of twice its length, so that they always
 * lie one after the other: a frame follows the one before it, and at the end of the buffer the
 * frames that are still in the window move to its beginning.
 *
 * @param window frames that are seen at once, the newest one included
 */
record SlidingRows(int window) {
  /** Rows of the buffer. */
  int capacity() {
    return 2 * window;
  }

  /** The first frame that the window of a newest frame holds. */
  int first(int newest) {
    return Math.max(0, newest + 1 - window);
  }

  /** The row of a frame while {@code newest} is the newest one. */
  int row(int frame, int newest) {
    return frame - origin(newest);
  }

  /** Whether the frames before a newest one have to be moved before it is made. */
  boolean moves(int newest) {
    return newest > 0 && origin(newest) != origin(newest - 1);
  }

  /** The first row that moves to the beginning, see {@link #moves}; it and all behind it do. */
  int movedFrom() {
    return window + 1;
  }

  /** The frame in the first row. */
  private int origin(int newest) {
    int full = newest - capacity();
    return full < 0 ? 0 : (full / (window + 1) + 1) * (window + 1);
  }
}
