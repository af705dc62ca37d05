package dev.orrery.kernels.cuda;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.Arrays;

/**
 * How the copy engine of a Hopper GPU cuts boxes out of a tensor: a kernel argument that is passed
 * by value. Boxes land in shared memory with the 128-byte swizzle; what lies outside the tensor
 * reads as zero.
 *
 * @param bytes the encoded map
 */
public record TensorMap(byte[] bytes) {
  /** CUtensorMapDataType. */
  private static final int UINT8 = 0;

  private static final int FLOAT16 = 6;

  private static final int BFLOAT16 = 9;

  private static final int SWIZZLE_BYTES = 128;

  /**
   * A map of a tensor of 16-bit or 8-bit elements seen with other extents.
   *
   * @param tensor what is read
   * @param extents elements on each axis, the fastest first
   * @param strides elements from one entry of axis 1, 2, .. to the next
   * @param box elements of a box on each axis; the fastest axis spans 128 bytes
   */
  public static TensorMap of(Tensor tensor, long[] extents, long[] strides, int... box) {
    int[] ones = new int[box.length];
    Arrays.fill(ones, 1);
    return of(tensor, extents, strides, ones, box);
  }

  /**
   * A map whose boxes leave elements out.
   *
   * @param steps how far apart the elements of a box lie in the tensor, on each axis up to 8, on
   *     the fastest 1
   */
  public static TensorMap of(
      Tensor tensor, long[] extents, long[] strides, int[] steps, int... box) {
    long[] byteStrides = new long[strides.length];
    for (int i = 0; i < strides.length; i++) {
      byteStrides[i] = strides[i] * tensor.dtype().byteSize();
    }
    int type = type(tensor.dtype());
    return new TensorMap(
        Driver.encodeTensorMap(type, CudaStream.address(tensor), extents, byteStrides, steps, box));
  }

  /**
   * A map of a matrix, whose boxes are as wide as the swizzle.
   *
   * @param rows of a box
   */
  public static TensorMap ofMatrix(Tensor matrix, int rows) {
    long[] extents = {matrix.size(1), matrix.size(0)};
    long[] strides = {matrix.size(1)};
    return of(matrix, extents, strides, SWIZZLE_BYTES / matrix.dtype().byteSize(), rows);
  }

  private static int type(DType dtype) {
    return switch (dtype) {
      case F16 -> FLOAT16;
      case BF16 -> BFLOAT16;
      case F8_E4M3, I8 -> UINT8;
      default -> throw new IllegalArgumentException("no kernel copies boxes of " + dtype);
    };
  }
}
