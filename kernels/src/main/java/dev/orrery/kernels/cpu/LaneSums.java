package dev.orrery.kernels.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Sums of PARTS neighbouring values for LANES rows at once. Parts i and i + 8 are added, then i and
 * i + 4, i + 2 and i + 1: the order is the same for every width of vectors.
 *
 * <p>Two vectors whose halves must be added are zipped into one, so 16 rows of 16 parts take 15
 * additions and 15 permutations, not 64 of each. Four rows at a time go back to memory: C2 does not
 * inline all of it at once, and a vector that a method returns is then an object.
 */
public final class LaneSums {
  private static final VectorSpecies<Float> SPECIES = SimdTile.SPECIES;
  private static final int LANES = SimdTile.LANES;

  /** Values of a row, a multiple of the lanes of every vector. */
  public static final int PARTS = 16;

  private static final Fold BY_8 = new Fold(8);
  private static final Fold BY_4 = new Fold(4);
  private static final Fold BY_2 = new Fold(2);
  private static final Fold BY_1 = new Fold(1);

  private LaneSums() {}

  /**
   * Adds up rows, each by a factor.
   *
   * @param parts {@code [rows][PARTS]}, used up
   * @param rows a multiple of LANES
   * @param sums gets {@code rows} values from {@code at} on
   */
  public static void store(float[] parts, int rows, float factor, float[] sums, int at) {
    for (int row = 0; row < rows; row += LANES) {
      for (int i = row; i < row + 4; i++) {
        foldFour(parts, i * PARTS);
      }
    }
    for (int row = 0; row < rows; row += LANES) {
      foldLast(parts, row * PARTS, factor, sums, at + row);
    }
  }

  /** Brings every fourth row of LANES to one vector of sums of PARTS / 4, in place of the first. */
  private static void foldFour(float[] parts, int at) {
    FloatVector sums = row(parts, at);
    if (LANES == 16) {
      FloatVector even = BY_8.add(sums, row(parts, at + 8 * PARTS));
      FloatVector odd = BY_8.add(row(parts, at + 4 * PARTS), row(parts, at + 12 * PARTS));
      sums = BY_4.add(even, odd);
    } else if (LANES == 8) {
      sums = BY_4.add(sums, row(parts, at + 4 * PARTS));
    }
    sums.intoArray(parts, at);
  }

  /** Brings four of those vectors to the sums of LANES rows. */
  private static void foldLast(float[] parts, int at, float factor, float[] sums, int to) {
    FloatVector even = BY_2.add(load(parts, at), load(parts, at + 2 * PARTS));
    FloatVector odd = BY_2.add(load(parts, at + PARTS), load(parts, at + 3 * PARTS));
    BY_1.add(even, odd).mul(factor).intoArray(sums, to);
  }

  /** The parts of a row, folded to the width of a vector. */
  private static FloatVector row(float[] parts, int at) {
    FloatVector first = load(parts, at);
    if (LANES == 16) {
      return first;
    }
    FloatVector middle = load(parts, at + 8);
    if (LANES == 8) {
      return first.add(middle);
    }
    FloatVector second = load(parts, at + 4);
    FloatVector last = load(parts, at + 12);
    return first.add(middle).add(second.add(last));
  }

  private static FloatVector load(float[] from, int at) {
    return FloatVector.fromArray(SPECIES, from, at);
  }

  /**
   * Adds lanes that are some distance apart, of two vectors at once. A record, whose fields C2
   * takes for constants.
   */
  private record Fold(VectorMask<Float> upper, VectorShuffle<Float> exchange) {
    Fold(int distance) {
      this(
          VectorMask.fromLong(SPECIES, mask(distance)),
          VectorShuffle.fromOp(SPECIES, lane -> (lane ^ distance) % LANES));
    }

    private static long mask(int distance) {
      long mask = 0;
      for (int lane = 0; lane < LANES; lane++) {
        mask |= (lane & distance) == 0 ? 0 : 1L << lane;
      }
      return mask;
    }

    /** The sums of a where a lane has not the distance's bit, those of b where it has. */
    FloatVector add(FloatVector a, FloatVector b) {
      return a.blend(b, upper).add(b.blend(a, upper).rearrange(exchange));
    }
  }
}
