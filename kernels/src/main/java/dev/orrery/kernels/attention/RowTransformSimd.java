package dev.orrery.kernels.attention;

/** What happens to the channels of one head of a token on their way into or out of a panel. */
@FunctionalInterface
interface RowTransformSimd {
  /** Leaves rows as they are. */
  RowTransformSimd NONE = (token, head, row, at, headDim) -> {};

  /**
   * Transforms a row in place. The values behind it, up to a whole vector, are free to change.
   *
   * @param token row of the tensor that the channels belong to
   * @param head which of its heads they are
   * @param row {@code headDim} channels from {@code at} on
   */
  void apply(long token, int head, float[] row, int at, int headDim);

  /** The same transform for the rows behind the first {@code plain}, which it leaves alone. */
  default RowTransformSimd behind(int plain) {
    if (plain == 0) {
      return this;
    }
    return (token, head, row, at, headDim) -> {
      if (token >= plain) {
        apply(token - plain, head, row, at, headDim);
      }
    };
  }
}
