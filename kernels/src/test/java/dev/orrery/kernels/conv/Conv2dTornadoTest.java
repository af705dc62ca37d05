package dev.orrery.kernels.conv;

import static dev.orrery.kernels.tornado.TornadoHarness.agree;
import static dev.orrery.kernels.tornado.TornadoHarness.findsBugs;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Conv2dTornadoTest {
  @ParameterizedTest
  @CsvSource({
    // K, Ci, Co, T, Y, X, stride, top, bottom, left, right, bias, dtype of the weight
    "  3, 16, 35, 2, 6, 8, 2, 0, 1, 0, 1, true, F32",
    "  2,  3,  5, 2, 7, 9, 3, 1, 0, 2, 1, false, F32",
    "  3, 12, 16, 1, 4, 5, 1, 1, 1, 1, 1, false, BF16",
    "  3, 17, 20, 1, 5, 5, 1, 1, 1, 1, 1, true, F16",
    "  1, 40, 24, 2, 3, 5, 1, 0, 0, 0, 0, false, BF16",
    "  5,  8,  6, 1, 4, 9, 2, 2, 2, 3, 2, true, F16",
    "  3,  4,  3, 1, 9, 7, 1, 1, 1, 1, 1, true, BF16", // a picture
    "  1,  2,  3, 1, 3, 5, 2, 0, 0, 4, 6, true, F32", // windows that miss the frame
    "  1,  1,  1, 1, 1, 1, 1, 0, 0, 0, 0, true, F32"
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
      DType weight) {
    int outRows = (rows + top + bottom - size) / stride + 1;
    int outColumns = (columns + left + right - size) / stride + 1;
    agree(
        Conv2d.class,
        (kernel, inputs) -> {
          Tensor out = inputs.output(frames, outRows, outColumns, outChannels);
          kernel.run(
              inputs.fp32(1, frames + 1, rows, columns, inChannels).slice(1, frames + 1),
              inputs.exactly(2, weight, size, size, inChannels, outChannels),
              biased ? inputs.fp32(3, outChannels + 1).slice(1, outChannels + 1) : null,
              stride,
              new Conv2d.Padding(top, bottom, left, right),
              out);
          return out;
        });
  }

  @Test
  void findsPlantedBugs() {
    for (DType weight : new DType[] {DType.F32, DType.F16}) {
      findsBugs(
          Conv2d.class,
          6,
          weight == DType.F32 ? Set.of(0, 3) : Set.of(0, 2),
          (kernel, inputs) -> {
            Tensor out = inputs.output(1, 3, 6, 18);
            kernel.run(
                inputs.fp32(1, 1, 3, 6, 3),
                inputs.exactly(2, weight, 3, 3, 3, 18),
                inputs.fp32(3, 18),
                1,
                Conv2d.Padding.all(1),
                out);
            return out;
          });
    }
  }
}
