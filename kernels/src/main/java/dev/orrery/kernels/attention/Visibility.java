package dev.orrery.kernels.attention;

/** Which key frames the query frames of a {@link TemporalAttention} see. */
public enum Visibility {
  /** Every query frame sees all of them. */
  ALL,

  /**
   * A query frame sees none that come after it. The query frames are the last of the key frames: of
   * F the f-th, counted from 0, sees key frames 0 to Fk - F + f.
   */
  CAUSAL
}
