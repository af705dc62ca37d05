package dev.orrery.kernels.elementwise;

import static dev.orrery.kernels.cuda.CudaHarness.agree;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SiluCudaTest {
  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "F16", "BF16"})
  void agreesWithReferenceAtAnySizeAndAddress(DType dtype) {
    for (int count : new int[] {1, 13, 2048, 5003}) {
      for (int skip : new int[] {0, 3}) {
        agree(
            Silu.class,
            dtype,
            (kernel, inputs) -> {
              Tensor x = inputs.activation(1, count + skip).slice(skip, count + skip);
              Tensor out = inputs.output(count + skip).slice(skip, count + skip);
              kernel.run(x, out);
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
    agree(
        Silu.class,
        dtype,
        (kernel, inputs) -> {
          Tensor x = inputs.activation(2, 7, 301);
          kernel.run(x, x);
          return x;
        });
  }

  /** {@code exp(-x)} overflows below -88. */
  @Test
  void isZeroFarBelowZero() {
    agree(
        Silu.class,
        DType.F32,
        (kernel, inputs) -> {
          Tensor x = inputs.moved(Tensor.of(new float[] {-1000, -100, -88, 0, 88, 1000}, 6));
          Tensor out = inputs.output(6);
          kernel.run(x, out);
          return out;
        });
  }
}
