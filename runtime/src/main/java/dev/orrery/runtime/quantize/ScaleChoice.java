package dev.orrery.runtime.quantize;

/** How the scales of a quantised matrix are found. */
public enum ScaleChoice {
  /** Abs-max: the largest magnitude of a row or group becomes the largest quantised value. */
  ABS_MAX,
  /**
   * MSE-optimal clipping: of several scales for a group of four-bit values, the one whose squared
   * error is least. Clipping the largest values may leave finer steps to all others. Rows of eight
   * bits have {@link #ABS_MAX}.
   */
  MSE
}
