package dev.orrery.kernels.conv;

import dev.orrery.kernels.cuda.CudaHarness;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Conv2dCudaTest {
  /** The tile named is the one that a GPU of four multiprocessors, as the emulated one, takes. */
  @ParameterizedTest
  @CsvSource({
    // K, Ci, Co, T,  Y,  X, stride, top, bottom, left, right, bias, dtype
    "  3, 32, 96, 2, 11, 13, 1, 1, 1, 1, 1, true, F16", // 128x96
    "  3, 16, 64, 3, 21, 19, 2, 0, 1, 0, 1, true, BF16", // 128x64
    "  3, 48, 72, 1, 10, 10, 1, 1, 1, 1, 1, false, F16", // 64x64
    "  2, 72,104, 1,  9, 21, 1, 0, 2, 3, 0, false, BF16", // 128x64, on Hopper 256x128
    "  2, 16, 64, 2,  6,  7, 1, 3, 4, 0, 5, true, F16", // windows that miss the frame
    "  1, 64, 24, 2, 15, 10, 1, 0, 0, 0, 0, false, BF16", // 128x32
    "  5,  8,  6, 1,  8, 17, 2, 2, 2, 3, 2, true, BF16", // 128x16
    "  3, 64, 12, 2, 15, 17, 1, 1, 1, 1, 1, true, F16", // 128x16, on Hopper kn2row
    "  3, 40,  3, 1,  9, 21, 1, 0, 2, 3, 0, false, BF16", // the same
    "  3, 32,  7, 2,  6,  7, 1, 3, 4, 0, 5, true, F16", // the same with windows that miss the frame
    "  2,  3,  5, 2, 11, 17, 3, 1, 0, 2, 1, true, F16", // single elements
    "  3, 12, 96, 1,  9,  7, 1, 1, 1, 1, 1, false, BF16",
    "  1,  2,  3, 1,  3,  5, 2, 0, 0, 4, 6, true, F16", // windows that miss the frame
    "  3, 16, 35, 2,  6,  8, 2, 0, 1, 0, 1, true, F32",
    "  2,  3,  5, 2,  7,  9, 3, 1, 0, 2, 1, false, F32"
  })
  void agreesWithTheReference(
      int size,
      int inChannels,
      int outChannels,
      int frames,
      int rows,
      int columns,
      int stride,
      int top,
      int bottom,
      int left,
      int right,
      boolean biased,
      DType dtype) {
    int outRows = (rows + top + bottom - size) / stride + 1;
    int outColumns = (columns + left + right - size) / stride + 1;
    CudaHarness.agree(
        Conv2d.class,
        dtype,
        (kernel, inputs) -> {
          Tensor out = inputs.output(frames, outRows, outColumns, outChannels);
          kernel.run(
              inputs.activation(1, frames, rows, columns, inChannels),
              inputs.activation(2, size, size, inChannels, outChannels),
              biased ? inputs.fp32(3, outChannels) : null,
              stride,
              new Conv2d.Padding(top, bottom, left, right),
              out);
          return out;
        });
  }
}
