package dev.orrery.kernels.sampling;

import dev.orrery.kernels.KernelCase;
import dev.orrery.kernels.cuda.CudaHarness;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LinearCombinationCudaTest {
  private static final double A = 0.2876543211;
  private static final double B = -0.7123456789;
  private static final double C = 1.3;

  @ParameterizedTest
  @CsvSource({"1, 0", "13, 0", "2048, 0", "5003, 3"})
  void isTheReferenceToTheBit(int count, int skip) {
    for (boolean three : new boolean[] {false, true}) {
      same(
          (kernel, inputs) -> {
            Tensor x = inputs.fp32(1, count + skip).slice(skip, count + skip);
            Tensor y = inputs.fp32(2, count);
            Tensor out = inputs.output(count);
            if (three) {
              Tensor z = inputs.fp32(3, count + 1).slice(1, count + 1);
              kernel.run(A, x, B, y, C, z, out);
            } else {
              kernel.run(A, x, B, y, out);
            }
            return out;
          });
    }
  }

  /** Equal products cancel: a fused multiply-add leaves a rest. */
  @Test
  void roundsProducts() {
    same(
        (kernel, inputs) -> {
          Tensor x = inputs.fp32(1, 1003);
          Tensor out = inputs.output(1003);
          kernel.run(1.0 / 3, x, -1.0 / 3, x, out);
          return out;
        });
    same(
        (kernel, inputs) -> {
          Tensor x = inputs.fp32(1, 1003);
          Tensor out = inputs.output(1003);
          kernel.run(0.1, x, 0.2, x, -0.3, x, out);
          return out;
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void outputMayBeInput(int which) {
    same(
        (kernel, inputs) -> {
          Tensor[] all = {inputs.fp32(3, 3, 301), inputs.fp32(4, 3, 301), inputs.fp32(5, 3, 301)};
          kernel.run(A, all[0], B, all[1], C, all[2], all[which]);
          return all[which];
        });
    same(
        (kernel, inputs) -> {
          Tensor[] both = {inputs.fp32(3, 3, 301), inputs.fp32(4, 3, 301)};
          kernel.run(A, both[0], B, both[1], both[which % 2]);
          return both[which % 2];
        });
  }

  private static void same(KernelCase<LinearCombination> run) {
    CudaHarness.same(LinearCombination.class, DType.F32, run);
  }
}
