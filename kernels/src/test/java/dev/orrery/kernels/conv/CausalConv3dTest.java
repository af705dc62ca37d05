package dev.orrery.kernels.conv;

import static dev.orrery.kernels.KernelHarness.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CausalConv3dTest {
  /** Kernel, channels and sizes of the Wan VAE's kinds of layer, and odd ones. */
  @ParameterizedTest
  @CsvSource({
    // Kt,Ky,Kx, Ci, Co, Th, T, Y,  X, timeStride, edge, dtype
    "  3, 3, 3,  3,  6,  2, 1, 5,  7, 1, ZEROS, F32",
    "  3, 3, 3, 16, 13,  2, 3, 4, 13, 1, ZEROS, BF16",
    "  3, 3, 3,  6, 96,  2, 2, 3, 25, 1, ZEROS, F16",
    "  3, 3, 3, 96,  3,  2, 1, 3, 12, 1, ZEROS, F32",
    "  3, 3, 3, 96,  3,  2, 6, 11, 93, 1, ZEROS, BF16",
    "  3, 3, 3, 32,  2,  2, 5, 4, 31, 1, REPEATED, F32",
    "  3, 1, 1, 16,  3,  1, 8, 3,  5, 2, ZEROS, F32",
    "  3, 3, 3, 13, 48,  0, 3, 1,  1, 1, ZEROS, F32",
    "  3, 1, 1, 16, 32,  2, 2, 3,  9, 1, ZEROS, F32",
    "  3, 1, 1,  6,  6,  1, 4, 3,  5, 2, ZEROS, BF16",
    "  3, 1, 1,  6, 13,  1, 8, 2, 24, 2, ZEROS, F32",
    "  1, 1, 1, 13, 16,  0, 2, 3, 49, 1, ZEROS, F32",
    "  1, 3, 5,  5, 33,  0, 2, 7,  2, 1, ZEROS, F32",
    "  3, 3, 3,  7, 20,  2, 6, 9, 31, 1, ZEROS, F32",
    "  3, 3, 3, 50, 48,  2, 3, 25, 32, 1, ZEROS, F32",
    "  3, 3, 3, 16, 13,  2, 3, 4, 13, 1, REPEATED, F16",
    "  3, 3, 3, 48, 51,  2, 1, 31, 24, 1, REPEATED, BF16",
    "  3, 3, 3, 13, 48,  0, 3, 1,  1, 1, REPEATED, F32",
    "  3, 5, 7,  3,  9,  2, 2, 2, 33, 2, REPEATED, F32",
    "  1, 3, 9,  5, 33,  0, 2, 7,  2, 1, REPEATED, F32",
    "  3, 3, 3,  7, 20,  2, 6, 9, 32, 1, REPEATED, F32"
  })
  void agreesWithTheReferenceAndTheFormula(
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
      DType dtype) {
    Tensor all = KernelHarness.normal(1, historyFrames + frames, rows, columns, inChannels);
    Tensor history = historyFrames == 0 ? null : all.slice(0, historyFrames);
    Tensor x = all.slice(historyFrames, historyFrames + frames);
    Tensor weight =
        KernelHarness.normal(
            2, dtype, kernelFrames, kernelRows, kernelColumns, inChannels, outChannels);
    Tensor bias = KernelHarness.normal(3, dtype, outChannels);
    int outFrames = (historyFrames + frames - kernelFrames) / timeStride + 1;
    KernelHarness.Run<CausalConv3d> run =
        (kernel, out) -> kernel.run(history, x, weight, bias, timeStride, edge, out);
    KernelHarness.agree(CausalConv3d.class, run, outFrames, rows, columns, outChannels);
    float[] reference =
        KernelHarness.compute(
            CpuBackend.reference(2),
            CausalConv3d.class,
            run,
            outFrames,
            rows,
            columns,
            outChannels);
    float[] expected = formula(all, weight, bias, timeStride, edge, outFrames);
    KernelHarness.assertClose("reference", expected, reference, 1e-7);
  }

  /** The formula of the contract, an output at a time. */
  private static float[] formula(
      Tensor z, Tensor weight, Tensor bias, int timeStride, Edge edge, int outFrames) {
    float[] values = z.toFloats();
    FloatView weights = FloatView.of(weight);
    int rows = z.size(1);
    int columns = z.size(2);
    int inChannels = z.size(3);
    int outChannels = weight.size(4);
    float[] out = new float[outFrames * rows * columns * outChannels];
    for (int n = 0; n < out.length; n++) {
      int o = n % outChannels;
      int column = n / outChannels % columns;
      int row = n / outChannels / columns % rows;
      int frame = n / outChannels / columns / rows * timeStride;
      double sum = FloatView.of(bias).get(o);
      for (int w = 0; w < weight.elements() / outChannels; w++) {
        int i = w % inChannels;
        int x = column + w / inChannels % weight.size(2) - (weight.size(2) - 1) / 2;
        int rowTap = w / inChannels / weight.size(2);
        int y = row + rowTap % weight.size(1) - (weight.size(1) - 1) / 2;
        int t = frame + rowTap / weight.size(1);
        if (edge == Edge.REPEATED) {
          x = Math.clamp(x, 0, columns - 1);
          y = Math.clamp(y, 0, rows - 1);
        }
        if (y >= 0 && y < rows && x >= 0 && x < columns) {
          double value = values[((t * rows + y) * columns + x) * inChannels + i];
          sum += value * weights.get((long) w * outChannels + o);
        }
      }
      out[n] = (float) sum;
    }
    return out;
  }

  /**
   * Chunks of 1, 4 and 2 frames, each with the last two frames before it, give the bits of one
   * call.
   */
  @ParameterizedTest
  @CsvSource({
    "3,3,16,13,ZEROS",
    "3,3,16,3,ZEROS",
    "3,1,6,48,ZEROS",
    "3,3,70,40,ZEROS",
    "3,3,16,13,REPEATED"
  })
  void streamsInChunks(
      int kernelFrames, int kernelSize, int inChannels, int outChannels, Edge edge) {
    Tensor all = KernelHarness.normal(4, 9, 5, 14, inChannels);
    Tensor weight =
        KernelHarness.normal(5, kernelFrames, kernelSize, kernelSize, inChannels, outChannels);
    Tensor bias = KernelHarness.normal(6, outChannels);
    float[] whole =
        KernelHarness.compute(
            CpuBackend.simd(2),
            CausalConv3d.class,
            (kernel, out) -> kernel.run(null, all, weight, bias, 1, edge, out),
            7,
            5,
            14,
            outChannels);
    float[] chunks =
        KernelHarness.compute(
            CpuBackend.simd(2),
            CausalConv3d.class,
            (kernel, out) -> {
              int done = 0;
              for (int frames : new int[] {1, 4, 2}) {
                Tensor history = all.slice(done, done + 2);
                Tensor x = all.slice(done + 2, done + 2 + frames);
                kernel.run(history, x, weight, bias, 1, edge, out.slice(done, done + frames));
                done += frames;
              }
            },
            7,
            5,
            14,
            outChannels);
    assertArrayEquals(whole, chunks);
  }

  @Test
  void neverLooksAhead() {
    Tensor all = KernelHarness.normal(7, 4, 3, 5, 2);
    Tensor weight = KernelHarness.normal(8, 3, 3, 3, 2, 4);
    Tensor bias = KernelHarness.normal(9, 4);
    KernelHarness.Run<CausalConv3d> run =
        (kernel, out) -> kernel.run(null, all, weight, bias, 1, Edge.ZEROS, out);
    float[] before = KernelHarness.compute(CpuBackend.simd(1), CausalConv3d.class, run, 2, 3, 5, 4);
    all.slice(3, 4).segment().fill((byte) 0x3f);
    float[] after = KernelHarness.compute(CpuBackend.simd(1), CausalConv3d.class, run, 2, 3, 5, 4);
    assertArrayEquals(java.util.Arrays.copyOf(before, 60), java.util.Arrays.copyOf(after, 60));
  }

  @Test
  void refusesWhatDoesNotFit() {
    Tensor x = KernelHarness.normal(1, 1, 4, 4, 3);
    Tensor weight = KernelHarness.normal(1, 3, 3, 3, 3, 8);
    Tensor bias = KernelHarness.normal(1, 8);
    Tensor out = KernelHarness.normal(1, 1, 4, 4, 8);
    try (CpuBackend backend = CpuBackend.simd(1)) {
      CausalConv3d conv = backend.kernel(CausalConv3d.class);
      refused(
          "x: expected history and x to hold at least 3 frames, found 0 and 1",
          () -> conv.run(null, x, weight, bias, 1, Edge.ZEROS, out));
      Tensor otherSize = KernelHarness.normal(1, 2, 4, 5, 3);
      refused(
          "history: expected F32[2, 4, 4, 3], found F32[2, 4, 5, 3]",
          () -> conv.run(otherSize, x, weight, bias, 1, Edge.ZEROS, out));
      Tensor evenKernel = KernelHarness.normal(1, 1, 2, 2, 3, 8);
      refused(
          "weight: expected odd kernel rows and columns, found F32[1, 2, 2, 3, 8]",
          () -> conv.run(null, x, evenKernel, bias, 1, Edge.ZEROS, out));
    }
  }
}
