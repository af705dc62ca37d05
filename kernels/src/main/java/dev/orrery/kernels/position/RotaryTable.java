package dev.orrery.kernels.position;

/**
 * Cosine and sine tables for {@link Rope}, computed in double precision on the host. They depend on
 * positions only, so a block needs one table for all its layers.
 */
public final class RotaryTable {
  private RotaryTable() {}

  /**
   * Table of a grid of video tokens. Of the {@code headDim / 2} pairs the first {@code c - 2 (c /
   * 3)} (with c = headDim / 2) turn with the latent frame, the next {@code c / 3} with the row and
   * the last {@code c / 3} with the column. The k-th of an axis's n pairs turns by {@code position
   * * theta^(-k / n)}.
   *
   * <p>Source: Wan 2.1 {@code rope_params} and {@code rope_apply}; Matrix-Game 2.0 uses absolute
   * frame positions.
   *
   * @param startFrame absolute index of the first latent frame; the reference's tables end at 1023,
   *     here any position has its angle
   * @param frames latent frames in the grid
   * @param rows token rows of a frame
   * @param columns token columns of a frame
   * @return {@code [frames * rows * columns, headDim / 2, 2]}
   */
  public static float[] video(
      int startFrame, int frames, int rows, int columns, int headDim, double theta) {
    int pairs = headDim / 2;
    int spatial = pairs / 3;
    int temporal = pairs - 2 * spatial;
    float[] table = new float[frames * rows * columns * pairs * 2];
    int at = 0;
    for (int frame = 0; frame < frames; frame++) {
      for (int row = 0; row < rows; row++) {
        for (int column = 0; column < columns; column++) {
          at = axis(table, at, startFrame + frame, temporal, theta);
          at = axis(table, at, row, spatial, theta);
          at = axis(table, at, column, spatial, theta);
        }
      }
    }
    return table;
  }

  /**
   * Table of the action modules, whose rows and columns all sit at position 0: pair k of the {@code
   * temporalDim / 2} that turn at all turns by {@code frame * theta^(-2k / temporalDim)}.
   *
   * @return {@code [frames, temporalDim / 2, 2]}
   */
  public static float[] frames(int startFrame, int frames, int temporalDim, double theta) {
    int pairs = temporalDim / 2;
    float[] table = new float[frames * pairs * 2];
    int at = 0;
    for (int frame = 0; frame < frames; frame++) {
      at = axis(table, at, startFrame + frame, pairs, theta);
    }
    return table;
  }

  private static int axis(float[] table, int at, int position, int pairs, double theta) {
    for (int k = 0; k < pairs; k++) {
      double angle = position * Math.pow(theta, -(double) k / pairs);
      table[at++] = (float) Math.cos(angle);
      table[at++] = (float) Math.sin(angle);
    }
    return at;
  }
}
