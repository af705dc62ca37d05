package dev.orrery.kernels.attention;

import dev.orrery.kernels.tensor.DType;

/** What a block of {@code attention_tile.cuh} works on, in the numbers of that source. */
final class AttentionTile {
  /** Of a block. */
  static final int QUERIES = 128;

  /** Queries of a product. */
  private static final int ROWS = 16;

  private static final int WARP = 32;

  private static final int KEYS = 64;

  private AttentionTile() {}

  /**
   * Threads of a block: warps have two products' queries each, or one in int8 with the largest
   * heads.
   *
   * @param headDim of the function
   * @param bytes of an element of queries and keys
   */
  static int threads(int headDim, int bytes) {
    int products = bytes == 1 && headDim == 128 ? 1 : 2;
    return QUERIES / ROWS / products * WARP;
  }

  /**
   * Shared memory of a block: for its queries, and for a ring of parts of keys and values.
   *
   * @param headDim of the function, a multiple of 32
   * @param bytes of an element of queries and keys
   */
  static int sharedBytes(int headDim, int bytes) {
    int valueBytes = DType.BF16.byteSize();
    int units = headDim * bytes / valueBytes;
    int parts = units / columnsOfPart(units) + headDim / columnsOfPart(headDim);
    int stages = parts % 3 == 0 ? 3 : 2;
    return QUERIES * headDim * bytes + stages * KEYS * columnsOfPart(headDim) * valueBytes;
  }

  private static int columnsOfPart(int columns) {
    return columns % 64 == 0 ? 64 : 32;
  }
}
