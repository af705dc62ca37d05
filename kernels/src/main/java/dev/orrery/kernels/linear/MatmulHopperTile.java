package dev.orrery.kernels.linear;

import java.util.Comparator;
import java.util.EnumSet;
import java.util.Set;

/**
 * The tiles of {@code matmul_hopper.cuh}, 128 rows high, and which is the fastest for a product.
 */
public enum MatmulHopperTile {
  WIDE(256, 4),
  MIDDLE(192, 4),
  NARROW(128, 6);

  /** Rows of every tile. */
  public static final int ROWS = 128;

  /** Threads of a block: two warp groups that multiply and one that copies. */
  public static final int THREADS = 384;

  /** Bytes along K of a row of a slot, as wide as the swizzle. */
  private static final int ROW_BYTES = 128;

  /** A stage of fp32 sums for each of eight warps: 16 rows of 64. */
  private static final int STAGING_BYTES = 8 * 16 * 64 * Float.BYTES;

  private final int columns;
  private final int stages;

  MatmulHopperTile(int columns, int stages) {
    this.columns = columns;
    this.stages = stages;
  }

  /** Columns of the tile. */
  public int columns() {
    return columns;
  }

  /** Shared memory of a block: slots of the ring, two barriers for each, and the stages of sums. */
  public int sharedBytes() {
    return stages * ((ROWS + columns) * ROW_BYTES + 2 * Long.BYTES) + STAGING_BYTES;
  }

  /** How names of its functions end. */
  public String suffix() {
    return "_" + ROWS + "x" + columns;
  }

  /**
   * What a launch computes.
   *
   * @param layers that have the same input
   * @param rows of the result of each
   * @param columns of the result of each
   */
  public record Work(int layers, int rows, int columns) {
    /** That of one product. */
    public Work(int rows, int columns) {
      this(1, rows, columns);
    }
  }

  /** The tile that takes the least time for a launch. */
  public static MatmulHopperTile fastest(Work work, int multiprocessors) {
    return fastest(EnumSet.allOf(MatmulHopperTile.class), work, multiprocessors);
  }

  /** The same among some tiles; the widest of equals. */
  public static MatmulHopperTile fastest(
      Set<MatmulHopperTile> tiles, Work work, int multiprocessors) {
    return tiles.stream()
        .min(
            Comparator.comparingLong((MatmulHopperTile tile) -> tile.time(work, multiprocessors))
                .thenComparing(Comparator.naturalOrder()))
        .orElseThrow();
  }

  /** Slices of a product with so many bytes in a row of x. */
  static long slices(long rowBytes) {
    return Math.ceilDiv(rowBytes, ROW_BYTES);
  }

  /**
   * Tiles of a launch.
   *
   * @param together tiles along rows that are computed together, and count as one
   */
  long count(Work work, int together) {
    return (long) work.layers
        * Math.ceilDiv(work.rows, together * ROWS)
        * Math.ceilDiv(work.columns, columns);
  }

  /**
   * Time of a launch in units that the tiles share: rounds of all multiprocessors, times the rows
   * of 128 bytes that pass through shared memory for a slice. Those are written once, {@code 128 +
   * columns}, and read by two warp groups of 64 rows each, {@code 2 (64 + columns)}.
   */
  private long time(Work work, int multiprocessors) {
    return Math.ceilDiv(count(work, 1), multiprocessors) * (256L + 3L * columns);
  }
}
