package dev.orrery.kernels.linear;

import dev.orrery.kernels.linear.MatmulHopperTile.Work;
import dev.orrery.kernels.tensor.DType;
import java.util.Set;

/**
 * How products are launched by TMA and wgmma ({@code matmul_hopper.cuh}).
 *
 * @param work of the launch
 * @param tile of a block
 * @param inPairs whether blocks are clusters of two, which compute tiles of the same columns, one
 *     below the other, and ask L2 for their weight once
 */
public record MatmulHopperPlan(Work work, MatmulHopperTile tile, boolean inPairs) {
  /** The type of results for which there are clusters: transformers compute in it. */
  static final DType PAIRED = DType.BF16;

  /**
   * Slices of a tile from which on blocks share the weight. A launch then waits twice for the other
   * block of a cluster, some 720 cycles; a slice saves 236 if tensor cores have their peak, 66 at
   * the rate that was measured of them.
   */
  private static final int LEAST_SHARED_SLICES = 12;

  /**
   * The plan that takes the least time. Blocks are clusters where that takes no more rounds, and
   * saves more than blocks wait for each other.
   *
   * @param tiles to choose from
   * @param out what the results are
   * @param rowBytes of a row of x or the weight, along K
   */
  public static MatmulHopperPlan fastest(
      Set<MatmulHopperTile> tiles, Work work, DType out, long rowBytes, int multiprocessors) {
    MatmulHopperTile tile = MatmulHopperTile.fastest(tiles, work, multiprocessors);
    MatmulHopperPlan alone = new MatmulHopperPlan(work, tile, false);
    MatmulHopperPlan paired = new MatmulHopperPlan(work, tile, true);
    boolean pays =
        out == PAIRED
            && work.rows() > MatmulHopperTile.ROWS
            && multiprocessors > 1
            && MatmulHopperTile.slices(rowBytes) >= LEAST_SHARED_SLICES
            && paired.rounds(multiprocessors) <= alone.rounds(multiprocessors);
    return pays ? paired : alone;
  }

  /** Rows of a weight that a block copies at a time. */
  public int weightRows() {
    return inPairs ? tile.columns() / 2 : tile.columns();
  }

  /** Blocks of the launch: no more than multiprocessors, which walk over the tiles. */
  public int blocks(int multiprocessors) {
    return (int) (ofCluster() * Math.min(multiprocessors / ofCluster(), clusters()));
  }

  private long rounds(int multiprocessors) {
    return Math.ceilDiv(clusters(), multiprocessors / ofCluster());
  }

  private int ofCluster() {
    return inPairs ? 2 : 1;
  }

  /** What clusters compute at a time: a tile for each block, of which some may have no rows. */
  private long clusters() {
    return tile.count(work, ofCluster());
  }
}
