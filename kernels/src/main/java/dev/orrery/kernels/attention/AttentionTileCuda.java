package dev.orrery.kernels.attention;

import dev.orrery.kernels.cuda.CudaFunction;
import dev.orrery.kernels.tensor.DType;

/**
 * A kernel of {@code attention_tile.cuh} for 16-bit types, in the numbers of {@code Tile} there.
 *
 * @param headDim largest head dim
 * @param warps warps of a block, with 16 queries each
 * @param sharedBytes for queries, and two tiles of keys and of values
 * @param columns columns of the output of a block
 */
record AttentionTileCuda(
    int headDim, int warps, int sharedBytes, int columns, CudaFunction f16, CudaFunction bf16) {
  /** Limit of a grid in its second dimension. */
  private static final int MOST_HEADS = 65535;

  /** Bytes of shared memory that a block asks for. */
  static int sharedBytes(int headDim, int warps, int keys, int columns) {
    return (16 * warps * headDim + 2 * keys * (headDim + columns)) * DType.BF16.byteSize();
  }

  /** Whether such kernels take heads of up to {@code largestHeadDim} channels. */
  static boolean take(DType dtype, int heads, int headDim, int largestHeadDim, float scaleLog2) {
    return dtype != DType.F32
        && headDim % 8 == 0
        && headDim <= largestHeadDim
        && heads <= MOST_HEADS
        && scaleLog2 > 0;
  }

  CudaFunction of(DType dtype) {
    return dtype == DType.F16 ? f16 : bf16;
  }
}
