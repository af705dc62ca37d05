package dev.orrery.kernels.conv;

import dev.orrery.kernels.cpu.Panels;
import dev.orrery.kernels.cpu.SimdTile;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The three transforms of Winograd's F(2x2, 3x3), each of a vector of channels at a time. With g a
 * kernel, d the 4 x 4 inputs of a tile and M the products of its 16 points:
 *
 * <pre>
 * U = G g G'    G  = [1 0 0; 1/2 1/2 1/2; 1/2 -1/2 1/2; 0 0 1]
 * V = B' d B    B' = [1 0 -1 0; 0 1 1 0; 0 -1 1 0; 0 1 0 -1]
 * Y = A' M A    A' = [1 1 1 0; 0 1 -1 -1]
 * </pre>
 *
 * <p>Written out by hand, since C2 keeps a local variable in a register and an array of vectors in
 * memory (see {@link SimdTile}).
 */
final class WinogradTransforms {
  private static final VectorSpecies<Float> SPECIES = SimdTile.SPECIES;
  private static final int LANES = SimdTile.LANES;

  private WinogradTransforms() {}

  private static FloatVector load(float[] from, int at) {
    return FloatVector.fromArray(SPECIES, from, at);
  }

  /**
   * Transforms one kernel.
   *
   * @param kernel 3 x 3 rows of values, {@code row} apart, from {@code at} on
   * @param to 4 x 4 rows, {@code point} apart, from {@code toAt} on
   */
  static void weights(float[] kernel, int at, int row, float[] to, int toAt, int point) {
    for (int column = 0; column < 3; column++) {
      // G g: a column of three becomes one of four, which is kept where the result will be.
      FloatVector g0 = load(kernel, at + column * row);
      FloatVector g1 = load(kernel, at + (3 + column) * row);
      FloatVector g2 = load(kernel, at + (6 + column) * row);
      FloatVector sum = g0.add(g2).mul(0.5f);
      FloatVector half = g1.mul(0.5f);
      g0.intoArray(to, toAt + column * point);
      sum.add(half).intoArray(to, toAt + (4 + column) * point);
      sum.sub(half).intoArray(to, toAt + (8 + column) * point);
      g2.intoArray(to, toAt + (12 + column) * point);
    }
    for (int line = 0; line < 4; line++) {
      int from = toAt + 4 * line * point;
      FloatVector g0 = load(to, from);
      FloatVector g2 = load(to, from + 2 * point);
      FloatVector sum = g0.add(g2).mul(0.5f);
      FloatVector half = load(to, from + point).mul(0.5f);
      sum.add(half).intoArray(to, from + point);
      sum.sub(half).intoArray(to, from + 2 * point);
      g2.intoArray(to, from + 3 * point);
    }
  }

  /**
   * Transforms the inputs of neighbouring tiles, which share two of their four columns.
   *
   * @param pixels four rows of pixels, {@code row} apart, the pixels {@code pixel} apart
   * @param at first channel
   * @param tiles how many, up to LANES
   * @param to a square of LANES tiles by LANES channels for each of 16 points
   */
  static void inputs(float[] pixels, int at, int row, int pixel, int tiles, float[] to) {
    FloatVector x0 = load(pixels, at);
    FloatVector x1 = load(pixels, at + row);
    FloatVector x2 = load(pixels, at + 2 * row);
    FloatVector x3 = load(pixels, at + 3 * row);
    FloatVector a0 = x0.sub(x2);
    FloatVector a1 = x1.add(x2);
    FloatVector a2 = x2.sub(x1);
    FloatVector a3 = x1.sub(x3);
    int next = at + pixel;
    x0 = load(pixels, next);
    x1 = load(pixels, next + row);
    x2 = load(pixels, next + 2 * row);
    x3 = load(pixels, next + 3 * row);
    FloatVector b0 = x0.sub(x2);
    FloatVector b1 = x1.add(x2);
    FloatVector b2 = x2.sub(x1);
    FloatVector b3 = x1.sub(x3);
    int square = LANES * LANES;
    for (int tile = 0; tile < tiles; tile++) {
      next += pixel;
      x0 = load(pixels, next);
      x1 = load(pixels, next + row);
      x2 = load(pixels, next + 2 * row);
      x3 = load(pixels, next + 3 * row);
      final FloatVector c0 = x0.sub(x2);
      final FloatVector c1 = x1.add(x2);
      final FloatVector c2 = x2.sub(x1);
      final FloatVector c3 = x1.sub(x3);
      next += pixel;
      x0 = load(pixels, next);
      x1 = load(pixels, next + row);
      x2 = load(pixels, next + 2 * row);
      x3 = load(pixels, next + 3 * row);
      final FloatVector d0 = x0.sub(x2);
      final FloatVector d1 = x1.add(x2);
      final FloatVector d2 = x2.sub(x1);
      final FloatVector d3 = x1.sub(x3);
      int into = tile * LANES;
      a0.sub(c0).intoArray(to, into);
      b0.add(c0).intoArray(to, into + square);
      c0.sub(b0).intoArray(to, into + 2 * square);
      b0.sub(d0).intoArray(to, into + 3 * square);
      a1.sub(c1).intoArray(to, into + 4 * square);
      b1.add(c1).intoArray(to, into + 5 * square);
      c1.sub(b1).intoArray(to, into + 6 * square);
      b1.sub(d1).intoArray(to, into + 7 * square);
      a2.sub(c2).intoArray(to, into + 8 * square);
      b2.add(c2).intoArray(to, into + 9 * square);
      c2.sub(b2).intoArray(to, into + 10 * square);
      b2.sub(d2).intoArray(to, into + 11 * square);
      a3.sub(c3).intoArray(to, into + 12 * square);
      b3.add(c3).intoArray(to, into + 13 * square);
      c3.sub(b3).intoArray(to, into + 14 * square);
      b3.sub(d3).intoArray(to, into + 15 * square);
      a0 = c0;
      a1 = c1;
      a2 = c2;
      a3 = c3;
      b0 = d0;
      b1 = d1;
      b2 = d2;
      b3 = d3;
    }
  }

  /**
   * Transposes a square of LANES tiles by LANES channels, of which {@code channels} and {@code
   * tiles} are stored.
   *
   * @param square its values, from {@code at} on
   * @param work at least three squares
   */
  static void transpose(
      float[] square,
      int at,
      float[] work,
      float[] to,
      int toAt,
      int toStride,
      int channels,
      int tiles) {
    // One call, since C2 would not inline all that two of them need.
    boolean whole = tiles == LANES;
    float[] result = whole ? to : work;
    int resultAt = whole ? toAt : 2 * LANES * LANES;
    int resultStride = whole ? toStride : LANES;
    Panels.transposeBlock(square, at, LANES, work, result, resultAt, resultStride, channels);
    if (whole) {
      return;
    }
    for (int channel = 0; channel < channels; channel++) {
      System.arraycopy(result, resultAt + channel * LANES, to, toAt + channel * toStride, tiles);
    }
  }

  /**
   * Transforms the products of one tile into its 2 x 2 outputs and adds the bias.
   *
   * @param products 16 rows, {@code point} apart, from {@code at} on
   * @param to 2 x 2 rows from {@code toAt} on: columns {@code pixel} apart, rows {@code line}
   */
  static void outputs(
      float[] products,
      int at,
      int point,
      float[] bias,
      int biasAt,
      float[] to,
      int toAt,
      int pixel,
      int line) {
    FloatVector m1 = load(products, at + 4 * point);
    FloatVector m2 = load(products, at + 8 * point);
    FloatVector m3 = load(products, at + 12 * point);
    final FloatVector a0 = load(products, at).add(m1).add(m2);
    final FloatVector b0 = m1.sub(m2).sub(m3);
    m1 = load(products, at + 5 * point);
    m2 = load(products, at + 9 * point);
    m3 = load(products, at + 13 * point);
    final FloatVector a1 = load(products, at + point).add(m1).add(m2);
    final FloatVector b1 = m1.sub(m2).sub(m3);
    m1 = load(products, at + 6 * point);
    m2 = load(products, at + 10 * point);
    m3 = load(products, at + 14 * point);
    final FloatVector a2 = load(products, at + 2 * point).add(m1).add(m2);
    final FloatVector b2 = m1.sub(m2).sub(m3);
    m1 = load(products, at + 7 * point);
    m2 = load(products, at + 11 * point);
    m3 = load(products, at + 15 * point);
    final FloatVector a3 = load(products, at + 3 * point).add(m1).add(m2);
    final FloatVector b3 = m1.sub(m2).sub(m3);
    final FloatVector start = load(bias, biasAt);
    a0.add(a1).add(a2).add(start).intoArray(to, toAt);
    a1.sub(a2).sub(a3).add(start).intoArray(to, toAt + pixel);
    b0.add(b1).add(b2).add(start).intoArray(to, toAt + line);
    b1.sub(b2).sub(b3).add(start).intoArray(to, toAt + line + pixel);
  }
}
