package dev.orrery.kernels.layout;

/**
 * The order in which a row of values counts channel c and pixel (dy, dx) of a patch, or pixel (dt,
 * dy, dx) of a box of several frames.
 */
public enum PatchOrder {
  /** {@code (c, dy, dx)}: how the weight of a patch convolution stores its inputs. */
  CHANNEL_SLOWEST,
  /** {@code (dy, dx, c)}: how channels-last frames count, also called depth to space. */
  CHANNEL_FASTEST;

  /** What device code is told: 1 if channels are the fastest, or else 0. */
  int code() {
    return this == CHANNEL_FASTEST ? 1 : 0;
  }
}
