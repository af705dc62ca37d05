package dev.orrery.kernels.image;

import dev.orrery.kernels.cuda.CudaHarness;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class FramesToBytesCudaTest {
  /** Eight elements at a time, and one by one where x or out begins elsewhere or ends. */
  @ParameterizedTest
  @CsvSource({"F32, 0, 0", "F16, 0, 0", "BF16, 0, 0", "F16, 1, 0", "BF16, 0, 1", "F32, 3, 5"})
  void givesTheBytesOfTheReference(DType dtype, int first, int firstByte) {
    int count = 5003;
    CudaHarness.same(
        FramesToBytes.class,
        dtype,
        (kernel, inputs) -> {
          Tensor x = inputs.activation(1, first + count).slice(first, first + count);
          Tensor all = inputs.outputOf(DType.U8, firstByte + count);
          Tensor out = all.slice(firstByte, firstByte + count);
          kernel.run(x, out);
          return out;
        });
  }

  /** The edges of the interval, the numbers around the steps between bytes, and no numbers. */
  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "F16", "BF16"})
  void treatsEdgesLikeTheReference(DType dtype) {
    float[] edges = {
      -1, 1, 0, -0.0f, -1.5f, 7, Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 0.5f
    };
    float[] values = new float[edges.length + 3 * 256];
    System.arraycopy(edges, 0, values, 0, edges.length);
    for (int pixel = 0; pixel < 256; pixel++) {
      float exact = pixel / 127.5f - 1;
      values[edges.length + 3 * pixel] = Math.nextDown(exact);
      values[edges.length + 3 * pixel + 1] = exact;
      values[edges.length + 3 * pixel + 2] = Math.nextUp(exact);
    }
    CudaHarness.same(
        FramesToBytes.class,
        dtype,
        (kernel, inputs) -> {
          Tensor out = inputs.outputOf(DType.U8, values.length);
          kernel.run(inputs.values(values, values.length), out);
          return out;
        });
  }
}
