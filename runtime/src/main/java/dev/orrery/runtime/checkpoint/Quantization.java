package dev.orrery.runtime.checkpoint;

import dev.orrery.kernels.linear.quantized.GroupedInt4;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import java.util.List;

/**
 * How checkpoints store a matrix {@code [N, K]} with fewer bits: the values under the matrix' own
 * name, their scales under that name with {@value #SCALE_SUFFIX} behind it.
 *
 * @param format the bits of an element
 * @param group elements that share a scale; 0 where a whole row does
 */
public record Quantization(Format format, int group) {
  /** What the name of a matrix is followed by in the name of its scales. */
  public static final String SCALE_SUFFIX = "_scale";

  /** Int8, a scale for each row. */
  public static final Quantization INT8 = new Quantization(Format.INT8, 0);

  /** Fp8 E4M3, a scale for each row. */
  public static final Quantization FP8 = new Quantization(Format.FP8, 0);

  /** Types of an element. */
  public enum Format {
    /** {@link DType#I8}. */
    INT8,
    /** {@link DType#F8_E4M3}. */
    FP8,
    /** Two in a byte, see {@link GroupedInt4}. */
    INT4
  }

  /**
   * @throws IllegalArgumentException if the format has no groups of this length
   */
  public Quantization {
    if (format == Format.INT4) {
      Check.that(group > 0, "group: expected a positive number, found " + group);
      Check.multiple("group", group, "unit", GroupedInt4.GROUP_UNIT);
    } else {
      Check.that(group == 0, "group: expected 0 for " + format + ", found " + group);
    }
  }

  /** Four bits in groups of so many elements of a row. */
  public static Quantization int4(int group) {
    return new Quantization(Format.INT4, group);
  }

  /** Whether a matrix has a shape that this can store. */
  public boolean fits(Shape matrix) {
    return matrix.rank() == 2 && (group == 0 || matrix.extent(1) % group == 0);
  }

  /**
   * The tensors that stand for a matrix: values, then scales.
   *
   * @throws IllegalArgumentException if the matrix does not fit
   */
  public List<TensorSpec> stored(TensorSpec matrix) {
    Check.that(
        fits(matrix.shape()),
        matrix.name()
            + ": expected a matrix "
            + (group == 0 ? "" : "with a multiple of " + group + " columns")
            + ", found "
            + matrix.shape());
    long rows = matrix.shape().extent(0);
    long columns = matrix.shape().extent(1);
    Shape scales = group == 0 ? Shape.of(rows) : Shape.of(rows, columns / group);
    TensorSpec values =
        switch (format) {
          case INT8 -> new TensorSpec(matrix.name(), DType.I8, matrix.shape());
          case FP8 -> new TensorSpec(matrix.name(), DType.F8_E4M3, matrix.shape());
          case INT4 -> new TensorSpec(matrix.name(), DType.U8, Shape.of(rows, columns / 2));
        };
    return List.of(values, new TensorSpec(matrix.name() + SCALE_SUFFIX, DType.F32, scales));
  }
}
