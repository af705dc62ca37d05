package dev.orrery.kernels.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The inner loop of matmul and attention: a small tile of {@code c (+)= a^T b} that lives in vector
 * registers while the depth is walked, {@code c[r, n] (+)= sum_k a[k, r] * b[k, n]} for {@link
 * #ROWS} rows r and {@link #COLUMNS} columns n.
 *
 * <p>Every element is one chain of fused multiply-adds in the order of k, so a result depends
 * neither on the width of the vectors nor on where in a tile it lies.
 *
 * <p>Here it is chosen for how many vector registers tiles are made, those of convolutions too. The
 * tiles are written out by hand: C2 keeps one local variable in one register, but an array of
 * vectors in memory, and a method shared by the stores would exceed its budget of nodes ({@code
 * NodeCountInliningCutoff}), whereupon every accumulator becomes an object. Written so, a tile of
 * depth 256 in L2 runs at 95 % of the peak of fused multiply-adds; with a shared {@code store}
 * method it ran at 16 %.
 */
public final class SimdTile {
  public static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  public static final int LANES = SPECIES.length();

  /** Columns of a tile: two vectors. */
  public static final int COLUMNS = 2 * LANES;

  /**
   * Whether tiles are made for 32 vector registers (AVX-512, ARM) and not for the 16 of AVX2.
   * Vectors of 128 bits on x86, older than AVX2, count as the former: panels of 6 rows need 8
   * lanes.
   */
  public static final boolean MANY_REGISTERS =
      manyRegisters(SPECIES.vectorBitSize(), System.getProperty("os.arch"));

  /** Rows of a tile. */
  public static final int ROWS = MANY_REGISTERS ? SimdTile12.ROWS : SimdTile6.ROWS;

  private SimdTile() {}

  private static boolean manyRegisters(int bits, String arch) {
    boolean x86 = arch.equals("amd64") || arch.equals("x86_64");
    return !(x86 && bits == 256);
  }

  /**
   * Computes one tile.
   *
   * @param a depth rows of {@link #ROWS} values from {@code aAt} on
   * @param b depth rows of {@link #COLUMNS} values from {@code bAt} on
   * @param depth length of the sums
   * @param c {@link #ROWS} rows of {@link #COLUMNS} values, {@code cStride} apart, from {@code cAt}
   *     on
   * @param accumulate whether to add to what c holds
   */
  public static void run(
      float[] a,
      int aAt,
      float[] b,
      int bAt,
      int depth,
      float[] c,
      int cAt,
      int cStride,
      boolean accumulate) {
    if (MANY_REGISTERS) {
      SimdTile12.run(a, aAt, b, bAt, depth, c, cAt, cStride, accumulate);
    } else {
      SimdTile6.run(a, aAt, b, bAt, depth, c, cAt, cStride, accumulate);
    }
  }
}
