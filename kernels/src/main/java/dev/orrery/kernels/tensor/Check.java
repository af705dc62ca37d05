package dev.orrery.kernels.tensor;

import java.util.Arrays;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Argument checks of operations. Every message names the argument, what was expected and what was
 * found.
 */
public final class Check {
  private Check() {}

  /**
   * Requires dtype and shape of an argument.
   *
   * @throws IllegalArgumentException naming the argument, the expected and the found dtype and
   *     shape
   */
  public static void tensor(String argument, Tensor tensor, DType dtype, long... extents) {
    if (tensor.dtype() != dtype || !matches(tensor.shape(), extents)) {
      throw new IllegalArgumentException(
          argument + ": expected " + dtype + Arrays.toString(extents) + ", found " + tensor);
    }
  }

  /** Requires the shape of a weight, which may be fp32, fp16 or bf16. */
  public static void weight(String argument, Tensor tensor, long... extents) {
    if (!tensor.dtype().isWeightType() || !matches(tensor.shape(), extents)) {
      throw new IllegalArgumentException(
          argument
              + ": expected F32, F16 or BF16 "
              + Arrays.toString(extents)
              + ", found "
              + tensor);
    }
  }

  /** Requires the number of axes and the dtype of an argument. */
  public static void rank(String argument, Tensor tensor, DType dtype, int rank) {
    if (tensor.dtype() != dtype || tensor.shape().rank() != rank) {
      throw new IllegalArgumentException(
          argument + ": expected " + dtype + " of rank " + rank + ", found " + tensor);
    }
  }

  /**
   * Requires an activation of a dtype that the kernel accepts.
   *
   * @param accepts what the kernel accepts
   */
  public static void activation(String argument, Tensor tensor, Predicate<DType> accepts) {
    if (!accepts.test(tensor.dtype())) {
      String expected =
          Arrays.stream(DType.values())
              .filter(accepts)
              .map(DType::name)
              .collect(Collectors.joining(" or "));
      throw new IllegalArgumentException(argument + ": expected " + expected + ", found " + tensor);
    }
  }

  /** Requires an activation of a dtype that the kernel accepts, and its number of axes. */
  public static void activation(
      String argument, Tensor tensor, int rank, Predicate<DType> accepts) {
    activation(argument, tensor, accepts);
    rank(argument, tensor, tensor.dtype(), rank);
  }

  /** Requires that an extent is a multiple of another one. */
  public static void multiple(String argument, long extent, String of, long divisor) {
    if (divisor <= 0 || extent % divisor != 0) {
      throw new IllegalArgumentException(
          argument + ": expected a multiple of " + of + " = " + divisor + ", found " + extent);
    }
  }

  /** Requires two tensors of one dtype and as many elements: those that can be copied. */
  public static void copy(Tensor from, Tensor to) {
    that(
        from.dtype() == to.dtype() && from.elements() == to.elements(),
        "to: expected " + from.dtype() + " and " + from.elements() + " elements, found " + to);
  }

  /**
   * Requires a condition; the message must name the argument, what was expected and what was found.
   */
  public static void that(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }

  private static boolean matches(Shape shape, long[] extents) {
    return Arrays.equals(shape.extents(), extents);
  }
}
