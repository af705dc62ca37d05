package dev.orrery.kernels.elementwise;

import static dev.orrery.kernels.cuda.CudaHarness.agree;

import dev.orrery.kernels.KernelCase;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AddCudaTest {
  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "F16", "BF16"})
  void agreesWithReferenceAtAnySizeAndAddress(DType dtype) {
    for (int count : new int[] {1, 13, 2048, 5003}) {
      for (int skip : new int[] {0, 3}) {
        agree(
            Add.class,
            dtype,
            (kernel, inputs) -> {
              Tensor a = inputs.activation(1, count + skip).slice(skip, count + skip);
              Tensor b = inputs.activation(2, count);
              Tensor out = inputs.output(count + skip).slice(skip, count + skip);
              kernel.run(a, b, out);
              return out;
            });
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "F16", "BF16"})
  void outputMayBeInput(DType dtype) {
    for (boolean first : new boolean[] {true, false}) {
      agree(
          Add.class,
          dtype,
          (kernel, inputs) -> {
            Tensor a = inputs.activation(3, 7, 301);
            Tensor b = inputs.activation(4, 7, 301);
            Tensor out = first ? a : b;
            kernel.run(a, b, out);
            return out;
          });
    }
  }

  /** Runs of eights, and others, whose elements go one by one; at addresses of both kinds. */
  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "F16", "BF16"})
  void rowsAgreeWithReference(DType dtype) {
    for (int[] shape : new int[][] {{96, 6, 40}, {60, 4, 2}, {21, 7, 13}, {5, 1, 3}, {9, 3, 301}}) {
      for (Add.Rows rows : Add.Rows.values()) {
        for (int skip : new int[] {0, 1}) {
          agree(Add.class, dtype, ofRows(shape, rows, skip));
        }
      }
    }
  }

  /**
   * A case.
   *
   * @param shape rows of a, rows of b, columns
   * @param skip rows before those that are added
   */
  private static KernelCase<Add> ofRows(int[] shape, Add.Rows rows, int skip) {
    return (kernel, inputs) -> {
      int few = shape[1];
      Tensor a = inputs.activation(5, skip + shape[0], shape[2]).slice(skip, skip + shape[0]);
      Tensor b = inputs.activation(6, skip + few, shape[2]).slice(skip, skip + few);
      Tensor out = inputs.output(shape[0], shape[2]);
      kernel.run(a, b, rows, out);
      return out;
    };
  }

  @ParameterizedTest
  @EnumSource(Add.Rows.class)
  void outputOfRowsMayBeTheFirstInput(Add.Rows rows) {
    for (int columns : new int[] {40, 13}) {
      agree(
          Add.class,
          DType.F32,
          (kernel, inputs) -> {
            Tensor a = inputs.activation(3, 63, columns);
            kernel.run(a, inputs.activation(4, 7, columns), rows, a);
            return a;
          });
    }
  }
}
