package dev.orrery.runtime.quantize;

/** How the scales of a quantised matrix are found. */
public enum ScaleChoice {
  /** The largest magnitude of a row or group becomes the largest quantised value. */
  LARGEST,
  /**
   * Of several scales for a group of four-bit values, the one whose squared error is least: cutting
   * off the largest values may leave finer steps to all others. Rows of eight bits have {@link
   * #LARGEST}.
   */
  SEARCHED
}
