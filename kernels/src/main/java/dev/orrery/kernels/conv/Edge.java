package dev.orrery.kernels.conv;

/** What a convolution finds above, below and beside a frame. */
public enum Edge {
  /** Zeros. */
  ZEROS,
  /** The nearest pixel of the frame: its first and last row and column go on. */
  REPEATED
}
