package dev.orrery.kernels.sampling;

import static dev.orrery.kernels.cuda.CudaHarness.same;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VelocityToCleanCudaTest {
  @ParameterizedTest
  @CsvSource({"1, 0", "13, 0", "2048, 0", "5003, 3"})
  void isTheReferenceToTheBit(int count, int skip) {
    same(
        VelocityToClean.class,
        DType.F32,
        (kernel, inputs) -> {
          Tensor noisy = inputs.fp32(1, count + skip).slice(skip, count + skip);
          Tensor out = inputs.output(count);
          kernel.run(noisy, inputs.fp32(2, count), 0.7123456789, out);
          return out;
        });
  }

  @Test
  void outputMayBeInput() {
    for (boolean first : new boolean[] {true, false}) {
      same(
          VelocityToClean.class,
          DType.F32,
          (kernel, inputs) -> {
            Tensor noisy = inputs.fp32(3, 3, 301);
            Tensor velocity = inputs.fp32(4, 3, 301);
            Tensor out = first ? noisy : velocity;
            kernel.run(noisy, velocity, 0.7123456789, out);
            return out;
          });
    }
  }
}
