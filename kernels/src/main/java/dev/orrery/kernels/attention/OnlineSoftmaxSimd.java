package dev.orrery.kernels.attention;

import dev.orrery.kernels.cpu.SimdTile;
import dev.orrery.kernels.cpu.VectorMath;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The softmax of COLUMNS queries over keys that arrive in chunks: the largest score and the sum of
 * the weights so far are kept for every query, and what was summed with an older maximum is scaled
 * down.
 *
 * <p>What a method finds goes to the state and not to its caller: C2 inlines neither exponential
 * function into {@link #advance}, and a vector that a method returns is an object, 100 bytes for
 * each.
 *
 * <p>Source: Milakov and Gimelshein, Online normalizer calculation for softmax, algorithm 3.
 */
final class OnlineSoftmaxSimd {
  private static final VectorSpecies<Float> SPECIES = SimdTile.SPECIES;
  private static final int LANES = SimdTile.LANES;
  private static final int COLUMNS = SimdTile.COLUMNS;

  /** Floats of the state of COLUMNS queries: maxima, then sums. */
  static final int STATE = 2 * COLUMNS;

  private OnlineSoftmaxSimd() {}

  /** The state before the first key. */
  static void start(float[] state, int at) {
    for (int i = 0; i < COLUMNS; i++) {
      state[at + i] = Float.NEGATIVE_INFINITY;
      state[at + COLUMNS + i] = 0;
    }
  }

  /**
   * Takes the scores of the next keys.
   *
   * @param scores {@code [keys][COLUMNS]} from {@code scoresAt} on; replaced by weights relative to
   *     the new maximum
   * @param outs {@code [rows][COLUMNS]} from {@code outAt} on: weighted sums, scaled to the new
   *     maximum
   */
  static void advance(
      float[] scores,
      int scoresAt,
      int keys,
      float[] state,
      int at,
      float[] outs,
      int outAt,
      int rows) {
    for (int column = 0; column < COLUMNS; column += LANES) {
      raise(scores, scoresAt + column, keys, state, at + column, outs, outAt + column, rows);
      weigh(scores, scoresAt + column, keys, state, at + column);
    }
  }

  /** Divides the weighted sums by the sum of the weights. */
  static void finish(float[] state, int at, float[] outs, int outAt, int rows) {
    for (int column = 0; column < COLUMNS; column += LANES) {
      FloatVector sum = FloatVector.fromArray(SPECIES, state, at + COLUMNS + column);
      scale(outs, outAt + column, rows, FloatVector.broadcast(SPECIES, 1).div(sum));
    }
  }

  /** Moves the maxima to those of the scores and scales down what was summed before. */
  private static void raise(
      float[] scores,
      int first,
      int keys,
      float[] state,
      int at,
      float[] outs,
      int outAt,
      int rows) {
    FloatVector before = FloatVector.fromArray(SPECIES, state, at);
    FloatVector max = before;
    for (int i = first; i < first + keys * COLUMNS; i += COLUMNS) {
      FloatVector score = FloatVector.fromArray(SPECIES, scores, i);
      // Two instructions; max() would take six, to get NaN and negative zero right.
      max = max.blend(score, score.compare(VectorOperators.GT, max));
    }
    max.intoArray(state, at);
    FloatVector correction = VectorMath.expNonPositive(before.sub(max));
    FloatVector sum = FloatVector.fromArray(SPECIES, state, at + COLUMNS);
    sum.mul(correction).intoArray(state, at + COLUMNS);
    scale(outs, outAt, rows, correction);
  }

  /** Replaces scores by weights and adds these to their sums. */
  private static void weigh(float[] scores, int first, int keys, float[] state, int at) {
    FloatVector max = FloatVector.fromArray(SPECIES, state, at);
    FloatVector sum = FloatVector.zero(SPECIES);
    for (int i = first; i < first + keys * COLUMNS; i += COLUMNS) {
      FloatVector weight =
          VectorMath.expNonPositive(FloatVector.fromArray(SPECIES, scores, i).sub(max));
      weight.intoArray(scores, i);
      sum = sum.add(weight);
    }
    FloatVector.fromArray(SPECIES, state, at + COLUMNS).add(sum).intoArray(state, at + COLUMNS);
  }

  private static void scale(float[] outs, int at, int rows, FloatVector factor) {
    for (int i = at; i < at + rows * COLUMNS; i += COLUMNS) {
      FloatVector.fromArray(SPECIES, outs, i).mul(factor).intoArray(outs, i);
    }
  }
}
