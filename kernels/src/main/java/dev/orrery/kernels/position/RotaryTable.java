package dev.orrery.kernels.position;

/**
 * Cosine and sine tables for {@link Rope}, computed on the host, cosines and sines in double
 * precision, and stored in fp32. They depend on positions only, so a block needs one table for all
 * its layers.
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
   * Table of a grid of video tokens with pairs and a base of its own choice: pairs of a frame come
   * first, then those of the row and the column. Frequencies and angles are fp32 as {@link
   * #frequencies} and {@link #line} give them.
   *
   * <p>Source: HunyuanVideo {@code get_nd_rotary_pos_embed}.
   *
   * @param startFrame index of the first latent frame
   * @return {@code [frames * rows * columns, frame pairs + row pairs + column pairs, 2]}
   */
  public static float[] video(
      int startFrame, int frames, int rows, int columns, AxisPairs pairs, double theta) {
    float[] ofFrames = line(startFrame, frames, frequencies(pairs.frame(), theta));
    float[] ofRows = line(0, rows, frequencies(pairs.row(), theta));
    float[] ofColumns = line(0, columns, frequencies(pairs.column(), theta));
    int each = pairs.frame() + pairs.row() + pairs.column();
    float[] table = new float[frames * rows * columns * each * 2];
    int at = 0;
    for (int frame = 0; frame < frames; frame++) {
      for (int row = 0; row < rows; row++) {
        for (int column = 0; column < columns; column++) {
          at = copy(ofFrames, frame, 2 * pairs.frame(), table, at);
          at = copy(ofRows, row, 2 * pairs.row(), table, at);
          at = copy(ofColumns, column, 2 * pairs.column(), table, at);
        }
      }
    }
    return table;
  }

  /** Table of successive positions. */
  private static float[] line(int first, int count, float[] frequencies) {
    float[] positions = new float[count];
    for (int i = 0; i < count; i++) {
      positions[i] = first + i;
    }
    return line(positions, frequencies);
  }

  private static int copy(float[] rows, int row, int values, float[] table, int at) {
    System.arraycopy(rows, row * values, table, at, values);
    return at + values;
  }

  /**
   * How many pairs turn with each axis of a video.
   *
   * @param frame pairs that turn with the latent frame
   * @param row pairs that turn with the token row
   * @param column pairs that turn with the token column
   */
  public record AxisPairs(int frame, int row, int column) {}

  /**
   * Frequencies of one axis: {@code 1 / theta^(2k / (2 pairs))}, its exponent, power and quotient
   * each rounded to fp32, since angles of far positions show how they were rounded.
   *
   * @return radians per unit of position, {@code [pairs]}
   */
  public static float[] frequencies(int pairs, double theta) {
    float[] frequencies = new float[pairs];
    for (int k = 0; k < pairs; k++) {
      float exponent = (float) k / pairs;
      frequencies[k] = 1 / (float) Math.pow(theta, exponent);
    }
    return frequencies;
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

  /**
   * Table of a grid whose axes have positions and frequencies of their own: the first pairs of a
   * token turn with its row, the others with its column, each by {@code position * frequency}.
   *
   * <p>Source: axial frequencies "for pixels" of lucidrains' {@code rotary_embedding_torch}, as in
   * Oasis' {@code rotary_embedding_torch.py}. Angles are fp32 products as there: they reach
   * hundreds of radians, where rounding them otherwise would show.
   *
   * @param rows position of each token row
   * @param rowFrequencies radians per unit of position
   * @param columns position of each token column
   * @param columnFrequencies radians per unit of position
   * @return {@code [rows * columns, rowFrequencies + columnFrequencies, 2]}
   */
  public static float[] axial(
      float[] rows, float[] rowFrequencies, float[] columns, float[] columnFrequencies) {
    int pairs = rowFrequencies.length + columnFrequencies.length;
    float[] table = new float[rows.length * columns.length * pairs * 2];
    int at = 0;
    for (float row : rows) {
      for (float column : columns) {
        at = turns(table, at, row, rowFrequencies);
        at = turns(table, at, column, columnFrequencies);
      }
    }
    return table;
  }

  /**
   * Table of positions along one axis, whose frequencies are given: pair k turns by the fp32
   * product {@code position * frequencies[k]}.
   *
   * @param frequencies radians per unit of position
   * @return {@code [positions, frequencies, 2]}
   */
  public static float[] line(float[] positions, float[] frequencies) {
    float[] table = new float[positions.length * frequencies.length * 2];
    int at = 0;
    for (float position : positions) {
      at = turns(table, at, position, frequencies);
    }
    return table;
  }

  /**
   * Positions at equal distances, both ends included, in fp32.
   *
   * <p>Source: {@code torch.linspace} on the CPU, which counts from the nearer end.
   *
   * @param count how many; one alone is {@code from}
   */
  public static float[] linspace(float from, float to, int count) {
    float[] values = new float[count];
    float step = (to - from) / (count - 1);
    for (int i = 0; i < count; i++) {
      values[i] = i < count / 2 ? from + step * i : to - step * (count - 1 - i);
    }
    if (count == 1) {
      values[0] = from;
    }
    return values;
  }

  private static int turns(float[] table, int at, float position, float[] frequencies) {
    for (float frequency : frequencies) {
      float angle = position * frequency;
      table[at++] = (float) Math.cos(angle);
      table[at++] = (float) Math.sin(angle);
    }
    return at;
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
