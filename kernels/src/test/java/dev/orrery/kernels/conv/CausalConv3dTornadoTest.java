package dev.orrery.kernels.conv;

import static dev.orrery.kernels.tornado.TornadoHarness.agree;
import static dev.orrery.kernels.tornado.TornadoHarness.findsBugs;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CausalConv3dTornadoTest {
  /** Layers of the Wan VAE made small, and odd ones; a quarter of a second at most each. */
  @ParameterizedTest
  @CsvSource({
    // Kt,Ky,Kx, Ci, Co, Th, T, Y, X, timeStride, edge, dtype of the weight
    "  3, 3, 3, 16,  35,  2, 1, 5, 7, 1, ZEROS, F32",
    "  3, 3, 3,  3,   6,  2, 2, 5, 7, 1, ZEROS, BF16", // steps end in other taps than they begin
    "  3, 1, 1,  6,  13,  1, 8, 2, 9, 2, ZEROS, F16", // every other frame
    "  3, 1, 3,  8,  16,  1, 3, 3, 4, 2, ZEROS, BF16",
    "  3, 3, 3, 32,   3,  5, 1, 3, 4, 1, ZEROS, F16", // a picture
    "  3, 3, 3, 20,   8,  0, 3, 1, 1, 1, ZEROS, F32", // no history, nearly all outside the frame
    "  3, 3, 3,  8,   8,  4, 0, 3, 5, 1, ZEROS, BF16", // nothing but history
    "  1, 3, 5, 13,   5,  0, 2, 7, 2, 1, ZEROS, F16", // a kernel wider than the frame
    "  3, 3, 3,  1,   1,  2, 1, 2, 2, 1, ZEROS, F32",
    "  1, 1, 1,  1,   1,  0, 1, 1, 1, 1, ZEROS, F32",
    "  3, 3, 3, 16,  35,  2, 1, 5, 7, 1, REPEATED, F32",
    "  1, 3, 5, 13,   5,  0, 2, 7, 2, 1, REPEATED, F16",
    "  3, 3, 3, 20,   8,  0, 3, 1, 1, 1, REPEATED, F32",
    "  3, 3, 3, 384,  2,  2, 1, 1, 2, 1, ZEROS, F32" // the longest sum of the VAE
  })
  void agreesWithTheReference(
      int kernelFrames,
      int kernelRows,
      int kernelColumns,
      int inChannels,
      int outChannels,
      int historyFrames,
      int frames,
      int rows,
      int columns,
      int timeStride,
      Edge edge,
      DType weight) {
    int outFrames = (historyFrames + frames - kernelFrames) / timeStride + 1;
    agree(
        CausalConv3d.class,
        (kernel, inputs) -> {
          Tensor past = inputs.fp32(1, historyFrames, rows, columns, inChannels);
          Tensor out = inputs.output(outFrames, rows, columns, outChannels);
          kernel.run(
              historyFrames == 0 ? null : past,
              inputs.fp32(2, frames, rows, columns, inChannels),
              inputs.exactly(
                  3, weight, kernelFrames, kernelRows, kernelColumns, inChannels, outChannels),
              inputs.fp32(4, outChannels),
              timeStride,
              edge,
              out);
          return out;
        });
  }

  /** History, frames and result as slices of larger tensors, as a stream has them. */
  @Test
  void streamsInChunks() {
    agree(
        CausalConv3d.class,
        (kernel, inputs) -> {
          Tensor out = inputs.output(4, 3, 4, 10);
          Tensor all = inputs.fp32(4, 6, 3, 4, 5);
          Tensor weight = inputs.exactly(5, DType.BF16, 3, 3, 3, 5, 10);
          int done = 0;
          for (int frames : new int[] {1, 3}) {
            Tensor history = all.slice(done, done + 2);
            Tensor x = all.slice(done + 2, done + 2 + frames);
            kernel.run(
                history,
                x,
                weight,
                inputs.fp32(6, 10),
                1,
                Edge.ZEROS,
                out.slice(done, done + frames));
            done += frames;
          }
          return out;
        });
  }

  @Test
  void findsPlantedBugs() {
    for (DType weight : new DType[] {DType.F32, DType.BF16}) {
      findsBugs(
          CausalConv3d.class,
          6,
          weight == DType.F32 ? Set.of(3) : Set.of(2),
          (kernel, inputs) -> {
            Tensor out = inputs.output(1, 3, 6, 18);
            kernel.run(
                inputs.fp32(1, 2, 3, 6, 3),
                inputs.fp32(2, 1, 3, 6, 3),
                inputs.exactly(3, weight, 3, 3, 3, 3, 18),
                inputs.fp32(4, 18),
                1,
                Edge.ZEROS,
                out);
            return out;
          });
    }
  }
}
