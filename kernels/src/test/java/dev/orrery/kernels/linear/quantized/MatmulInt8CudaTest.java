package dev.orrery.kernels.linear.quantized;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.orrery.kernels.cuda.CudaTestDevice;
import dev.orrery.kernels.tensor.DType;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MatmulInt8CudaTest extends ScaledMatmulCudaTest<MatmulInt8> {
  MatmulInt8CudaTest() {
    super(ScaledMatmul.INT8);
  }

  /** Tensor cores lose nothing: the bits of sums in int32, beyond what fp32 could add. */
  @ParameterizedTest
  @CsvSource({"1040, 80", "1040, 90"})
  void largestSumsAreExact(int depth, int capability) {
    if (!CudaTestDevice.supports(capability)) {
      return;
    }
    byte[] values = new byte[2 * depth];
    Arrays.fill(values, Byte.MIN_VALUE);
    values[0] = 1;
    values[depth] = Byte.MAX_VALUE;
    ScaledRows rows = Int8Rows.of(values, new float[] {1, 1}, depth);
    int rest = (depth - 1) * 128 * 128;
    float[] expected = {rest + 1, rest + 127, rest + 127, rest + 127 * 127};
    assertArrayEquals(expected, product(DType.F32, capability, rows, rows));
  }
}
