package dev.orrery.kernels.linear;

import dev.orrery.kernels.tensor.Tensor;

/**
 * What a block of a GPU computes of a product, and which tile suits which product. The functions of
 * {@code Matmul.cu}, {@code MatmulSimt.cu}, {@code MatmulInt8.cu}, {@code MatmulInt4.cu} and {@code
 * MatmulFp8.cu} are named by the extents of their tile.
 */
public enum MatmulTile {
  /** A tile on tensor cores, which does more arithmetic for each byte it copies. */
  LARGE(128, 128, 1, 64 << 10),
  /** A tile on tensor cores for products that have few large ones. */
  SMALL(64, 64, 1, 48 << 10),
  /** A tile for each of four warps, without tensor cores. */
  MANY_ROWS(8, 8, 4, 0),
  /** The same for so few rows that a warp should have more of the columns to itself. */
  FEW_ROWS(4, 2, 4, 0);

  private final int rows;
  private final int columns;
  private final int tilesOfBlock;
  private final int sharedBytes;

  MatmulTile(int rows, int columns, int tilesOfBlock, int sharedBytes) {
    this.rows = rows;
    this.columns = columns;
    this.tilesOfBlock = tilesOfBlock;
    this.sharedBytes = sharedBytes;
  }

  /** On tensor cores: large tiles if there is one for each multiprocessor. */
  public static MatmulTile onTensorCores(int rows, int columns, int multiprocessors) {
    return LARGE.count(rows, columns) >= multiprocessors ? LARGE : SMALL;
  }

  /** Without tensor cores. */
  public static MatmulTile ofWarps(int rows) {
    return rows <= FEW_ROWS.rows ? FEW_ROWS : MANY_ROWS;
  }

  /** Whether tensor cores compute it. */
  public boolean needsTensorCores() {
    return this == LARGE || this == SMALL;
  }

  /** How names of its functions end. */
  public String suffix() {
    return "_" + rows + "x" + columns;
  }

  /** Shared memory of a block. */
  public int sharedBytes() {
    return sharedBytes;
  }

  /** Extent of the grid in its first dimension: tiles along the rows, or all blocks of warps. */
  public int gridX(Tensor out) {
    return tilesOfBlock == 1
        ? Math.ceilDiv(out.size(0), rows)
        : Math.toIntExact(Math.ceilDiv(count(out.size(0), out.size(1)), tilesOfBlock));
  }

  /** Extent of the grid in its second dimension. */
  public int gridY(Tensor out) {
    return tilesOfBlock == 1 ? Math.ceilDiv(out.size(1), columns) : 1;
  }

  private long count(int outRows, int outColumns) {
    return (long) Math.ceilDiv(outRows, rows) * Math.ceilDiv(outColumns, columns);
  }
}
