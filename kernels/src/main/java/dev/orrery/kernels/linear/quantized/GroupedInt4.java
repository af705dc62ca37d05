package dev.orrery.kernels.linear.quantized;

import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;

/**
 * A weight of four bits an element whose rows are cut into groups of G with a scale each: element
 * {@code [n, k]} stands for {@code scales[n, k / G] * (q - 8)}, where q, from 0 to 15, is the low
 * half of byte {@code packed[n, k / 2]} for even k and the high half for odd k.
 *
 * @param packed {@code [N, K / 2]}, bytes
 * @param scales {@code [N, K / G]}, fp32
 */
public record GroupedInt4(Tensor packed, Tensor scales) {
  /** What q = 0 stands for, negated. */
  public static final int ZERO = 8;

  /** Groups are a multiple of this, so that none ends inside a vector or a tile. */
  public static final int GROUP_UNIT = 32;

  /**
   * @throws IllegalArgumentException if shapes or dtypes do not fit, or groups are not a multiple
   *     of {@value #GROUP_UNIT} long
   */
  public GroupedInt4 {
    Check.rank("packed", packed, DType.U8, 2);
    Check.rank("scales", scales, DType.F32, 2);
    Check.tensor("scales", scales, DType.F32, packed.size(0), scales.size(1));
    int depth = Math.multiplyExact(2, packed.size(1));
    Check.multiple("columns of the weight", depth, "groups", scales.size(1));
    Check.multiple("group of the weight", depth / scales.size(1), "unit", GROUP_UNIT);
  }

  /** N. */
  public int rows() {
    return packed.size(0);
  }

  /** K. */
  public int columns() {
    return 2 * packed.size(1);
  }

  /** G. */
  public int group() {
    return columns() / scales.size(1);
  }
}
