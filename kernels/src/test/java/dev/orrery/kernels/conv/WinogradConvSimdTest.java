package dev.orrery.kernels.conv;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@link WinogradConvSimd} at sizes that the backend would leave to {@link DirectConvSimd} too. */
class WinogradConvSimdTest {
  private static final int[] THREADS = {1, 3};

  @ParameterizedTest
  @CsvSource({
    // Kt, Ci, Co, Th, T,  Y,  X, timeStride, edge, dtype
    "   3,  3,  6,  2, 1,  5,  7, 1, ZEROS, F32",
    "   3, 16, 13,  2, 3,  4, 13, 1, ZEROS, BF16",
    "   3,  6, 96,  2, 2,  3, 25, 1, ZEROS, F16",
    "   3, 13, 48,  0, 3,  1,  1, 1, ZEROS, F32",
    "   1, 33, 17,  0, 2, 14, 36, 1, ZEROS, F32",
    "   3,  7, 20,  2, 6,  9, 31, 1, ZEROS, F32",
    "   3,  7, 20,  1, 8,  9, 31, 2, ZEROS, F32",
    "   3, 16, 13,  2, 3,  4, 13, 1, REPEATED, F16",
    "   3, 13, 48,  0, 3,  1,  1, 1, REPEATED, F32",
    "   3,  7, 20,  2, 6,  9, 66, 1, REPEATED, F32",
    "   3, 70, 40,  2, 5,  8,  8, 1, ZEROS, F32"
  })
  void agreesWithTheReferenceForAnyThreads(
      int kernelFrames,
      int inChannels,
      int outChannels,
      int historyFrames,
      int frames,
      int rows,
      int columns,
      int timeStride,
      Edge edge,
      DType dtype) {
    Tensor history =
        historyFrames == 0
            ? null
            : KernelHarness.normal(1, historyFrames, rows, columns, inChannels);
    Tensor x = KernelHarness.normal(2, frames, rows, columns, inChannels);
    Tensor weight = KernelHarness.normal(3, dtype, kernelFrames, 3, 3, inChannels, outChannels);
    Tensor bias = KernelHarness.normal(4, dtype, outChannels);
    int outFrames = (historyFrames + frames - kernelFrames) / timeStride + 1;
    float[] expected =
        KernelHarness.compute(
            CpuBackend.reference(2),
            CausalConv3d.class,
            (kernel, out) -> kernel.run(history, x, weight, bias, timeStride, edge, out),
            outFrames,
            rows,
            columns,
            outChannels);
    ConvGeometry geometry = ConvGeometry.causal3d(weight, timeStride, edge);
    for (int threads : THREADS) {
      Tensor out = KernelHarness.normal(5, outFrames, rows, columns, outChannels);
      run(geometry, history, x, weight, bias, out, threads);
      KernelHarness.assertClose(
          threads + " threads", expected, out.toFloats(), KernelHarness.FP32_LIMIT);
    }
  }

  @ParameterizedTest
  @CsvSource({"0, 2, 0, 2", "2, 1, 3, 0", "1, 1, 1, 1"})
  void padsAsItIsTold(int top, int bottom, int left, int right) {
    Conv2d.Padding padding = new Conv2d.Padding(top, bottom, left, right);
    Tensor x = KernelHarness.normal(1, 2, 9, 14, 18);
    Tensor weight = KernelHarness.normal(2, 3, 3, 18, 33);
    int rows = 9 + top + bottom - 2;
    int columns = 14 + left + right - 2;
    float[] expected =
        KernelHarness.compute(
            CpuBackend.reference(2),
            Conv2d.class,
            (kernel, out) -> kernel.run(x, weight, null, 1, padding, out),
            2,
            rows,
            columns,
            33);
    Tensor out = KernelHarness.normal(3, 2, rows, columns, 33);
    run(ConvGeometry.conv2d(weight, 1, padding), null, x, weight, null, out, 2);
    KernelHarness.assertClose("conv2d", expected, out.toFloats(), KernelHarness.FP32_LIMIT);
  }

  /** A frame is the same bits in a call of its own, for any number of threads. */
  @Test
  void streamsInChunks() {
    Tensor all = KernelHarness.normal(1, 9, 10, 27, 40);
    Tensor weight = KernelHarness.normal(2, 3, 3, 3, 40, 50);
    Tensor bias = KernelHarness.normal(3, 50);
    ConvGeometry geometry = ConvGeometry.causal3d(weight, 1, Edge.ZEROS);
    Tensor whole = KernelHarness.normal(4, 7, 10, 27, 50);
    run(geometry, null, all, weight, bias, whole, 1);
    Tensor chunks = KernelHarness.normal(5, 7, 10, 27, 50);
    int done = 0;
    for (int frames : new int[] {1, 4, 2}) {
      Tensor history = all.slice(done, done + 2);
      Tensor x = all.slice(done + 2, done + 2 + frames);
      run(geometry, history, x, weight, bias, chunks.slice(done, done + frames), 3);
      done += frames;
    }
    assertArrayEquals(whole.toFloats(), chunks.toFloats());
  }

  /** What an earlier call left in the scratch memory is never part of a result. */
  @Test
  void leavesNothingBehind() {
    Tensor x = KernelHarness.normal(1, 1, 7, 11, 20);
    Tensor weight = KernelHarness.normal(2, 3, 3, 20, 21);
    ConvGeometry geometry = ConvGeometry.conv2d(weight, 1, Conv2d.Padding.all(1));
    Tensor out = KernelHarness.normal(3, 1, 7, 11, 21);
    run(geometry, null, x, weight, null, out, 1);
    float[] nan = new float[40 * 40 * 64];
    Arrays.fill(nan, Float.NaN);
    Tensor all = Tensor.of(nan, 1, 40, 40, 64);
    Tensor wide = KernelHarness.normal(4, 3, 3, 64, 64);
    Tensor after = KernelHarness.normal(5, 1, 7, 11, 21);
    try (CpuThreads threads = new CpuThreads(1)) {
      Tensor lost = KernelHarness.normal(6, 1, 40, 40, 64);
      new WinogradConvSimd(geometry, null, all, wide, null, lost, 1).run(threads);
      new WinogradConvSimd(geometry, null, x, weight, null, after, 1).run(threads);
    }
    assertArrayEquals(out.toFloats(), after.toFloats());
  }

  /** Frames of one video may come in any chunks, so how many there are must not choose the way. */
  @ParameterizedTest
  @CsvSource({
    // Kt, K, Ci, Co, stride, Y, X, suits
    "1, 3,  320,  320, 1,  40,  64, true",
    "3, 3,   96,   96, 1, 176, 320, true",
    "3, 3,  384,  384, 1,  44,  80, true",
    "1, 3,   48,   48, 1,  24,  32, true",
    "1, 3,   47,   48, 1,  24,  32, false",
    "1, 3,   48,   47, 1,  24,  32, false",
    "1, 3,   48,   48, 1,  24,  30, false",
    "3, 3,   96,    3, 1, 176, 320, false",
    "3, 3,   96,   96, 1,   8,   8, false",
    "1, 3,   96,   96, 2, 176, 320, false",
    "1, 1,   96,   96, 1, 176, 320, false",
    "3, 1,   96,   96, 1, 176, 320, false",
    "3, 3, 1024, 1024, 1,  44,  80, false"
  })
  void suitsLargeLayers(
      int kernelFrames,
      int kernel,
      int inChannels,
      int outChannels,
      int stride,
      int rows,
      int columns,
      boolean suits) {
    Shape weight = Shape.of(kernelFrames, kernel, kernel, inChannels, outChannels);
    ConvGeometry geometry =
        new ConvGeometry(
            kernelFrames, kernel, kernel, 1, stride, kernel / 2, kernel / 2, Edge.ZEROS);
    for (int frames : new int[] {1, 2}) {
      Shape out = Shape.of(frames, rows, columns, outChannels);
      assertEquals(suits, WinogradConvSimd.suits(geometry, weight, out));
    }
  }

  private static void run(
      ConvGeometry geometry,
      Tensor history,
      Tensor x,
      Tensor weight,
      Tensor bias,
      Tensor out,
      int count) {
    try (CpuThreads threads = new CpuThreads(count)) {
      new WinogradConvSimd(geometry, history, x, weight, bias, out, count).run(threads);
    }
  }
}
