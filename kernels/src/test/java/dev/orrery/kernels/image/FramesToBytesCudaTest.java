package dev.orrery.kernels.image;

import dev.orrery.kernels.cuda.CudaHarness;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FramesToBytesCudaTest {
  /** Eight elements at a time, and one by one where x or out begins elsewhere or ends. */
  @ParameterizedTest
  @CsvSource({
    "F32, 0, 0, SIGNED",
    "F16, 0, 0, SIGNED",
    "BF16, 0, 0, UNIT",
    "F16, 1, 0, UNIT",
    "BF16, 0, 1, SIGNED",
    "F32, 3, 5, UNIT"
  })
  void givesTheBytesOfTheReference(DType dtype, int first, int firstByte, PixelRange range) {
    int count = 5003;
    CudaHarness.same(
        FramesToBytes.class,
        dtype,
        (kernel, inputs) -> {
          Tensor x = inputs.activation(1, first + count).slice(first, first + count);
          Tensor all = inputs.outputOf(DType.U8, firstByte + count);
          Tensor out = all.slice(firstByte, firstByte + count);
          kernel.run(x, range, out);
          return out;
        });
  }

  @ParameterizedTest
  @CsvSource({"F32, SIGNED", "F16, SIGNED", "BF16, SIGNED", "F32, UNIT", "F16, UNIT", "BF16, UNIT"})
  void treatsEdgesLikeTheReference(DType dtype, PixelRange range) {
    float[] values = FramesToBytesTest.edges(range);
    CudaHarness.same(
        FramesToBytes.class,
        dtype,
        (kernel, inputs) -> {
          Tensor out = inputs.outputOf(DType.U8, values.length);
          kernel.run(inputs.values(values, values.length), range, out);
          return out;
        });
  }
}
