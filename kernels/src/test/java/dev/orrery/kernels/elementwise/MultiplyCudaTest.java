package dev.orrery.kernels.elementwise;

import static dev.orrery.kernels.cuda.CudaHarness.agree;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MultiplyCudaTest {
  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "F16", "BF16"})
  void agreesWithReferenceAtAnySizeAndAddress(DType dtype) {
    for (int count : new int[] {1, 13, 2048, 5003}) {
      for (int skip : new int[] {0, 3}) {
        agree(
            Multiply.class,
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
          Multiply.class,
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
}
