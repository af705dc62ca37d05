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
import org.junit.jupiter.params.provider.ValueSource;

final class Conv2dTest {
  @ParameterizedTest
  @CsvSource({
    // K, Ci, Co, T,  Y,  X, stride, top, bottom, left, right, dtype
    "  3, 16, 16, 2,  6,  8, 2, 0, 1, 0, 1, F32",
    "  3,  6, 13, 1,  7, 13, 2, 0, 1, 0, 1, BF16",
    "  3, 13, 96, 2,  5,  7, 1, 1, 1, 1, 1, F16",
    "  3, 32, 48, 5,  9, 26, 1, 1, 1, 1, 1, F32",
    "  3, 48, 50, 2, 29, 26, 1, 1, 1, 1, 1, F32",
    "  1,  3,  6, 1,  1,  1, 1, 0, 0, 0, 0, F32",
    "  2,  3,  5, 2, 11, 17, 3, 1, 0, 2, 1, F32",
    "  5,  4, 33, 1,  8, 51, 2, 2, 2, 3, 2, F32",
    "  1,  2,  3, 1,  3,  5, 2, 0, 0, 4, 6, F32",
    "  3, 16,  3, 2, 19, 21, 2, 0, 1, 0, 1, F32",
    "  5, 64,  2, 1,  9, 97, 1, 2, 2, 2, 2, BF16",
    "  3, 64,  4, 2,  5, 33, 1, 1, 1, 1, 1, F32",
    "  1, 32,  1, 3,  5, 50, 3, 1, 0, 2, 1, F16"
  })
  void agreesWithTheReferenceAndTheFormula(
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
      DType dtype) {
    Tensor x = KernelHarness.normal(1, frames, rows, columns, inChannels);
    Tensor weight = KernelHarness.normal(2, dtype, size, size, inChannels, outChannels);
    Tensor bias = KernelHarness.normal(3, dtype, outChannels);
    Conv2d.Padding padding = new Conv2d.Padding(top, bottom, left, right);
    int outRows = (rows + top + bottom - size) / stride + 1;
    int outColumns = (columns + left + right - size) / stride + 1;
    KernelHarness.Run<Conv2d> run =
        (kernel, out) -> kernel.run(x, weight, bias, stride, padding, out);
    KernelHarness.agree(Conv2d.class, run, frames, outRows, outColumns, outChannels);
    float[] reference =
        KernelHarness.compute(
            CpuBackend.reference(2), Conv2d.class, run, frames, outRows, outColumns, outChannels);
    float[] expected = formula(x, weight, bias, stride, padding, outRows, outColumns);
    KernelHarness.assertClose("reference", expected, reference, 1e-7);
  }

  /** The formula of the contract, an output at a time. */
  private static float[] formula(
      Tensor x,
      Tensor weight,
      Tensor bias,
      int stride,
      Conv2d.Padding padding,
      int outRows,
      int outColumns) {
    float[] values = x.toFloats();
    FloatView weights = FloatView.of(weight);
    int inChannels = x.size(3);
    int outChannels = weight.size(3);
    float[] out = new float[x.size(0) * outRows * outColumns * outChannels];
    for (int n = 0; n < out.length; n++) {
      int o = n % outChannels;
      int pixel = n / outChannels;
      double sum = FloatView.of(bias).get(o);
      for (int w = 0; w < weight.elements() / outChannels; w++) {
        int tap = w / inChannels;
        int across = pixel % outColumns * stride + tap % weight.size(1) - padding.left();
        int y = pixel / outColumns % outRows * stride + tap / weight.size(1) - padding.top();
        if (y >= 0 && y < x.size(1) && across >= 0 && across < x.size(2)) {
          int frame = pixel / outColumns / outRows;
          int at = ((frame * x.size(1) + y) * x.size(2) + across) * inChannels;
          sum += (double) values[at + w % inChannels] * weights.get((long) w * outChannels + o);
        }
      }
      out[n] = (float) sum;
    }
    return out;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 16, 33})
  void withoutABiasIsWithABiasOfZeros(int outChannels) {
    Tensor x = KernelHarness.normal(1, 2, 5, 13, 6);
    Tensor weight = KernelHarness.normal(2, 3, 3, 6, outChannels);
    Tensor zeros = Tensor.of(new float[outChannels], outChannels);
    Conv2d.Padding padding = Conv2d.Padding.all(1);
    KernelHarness.Run<Conv2d> without =
        (kernel, out) -> {
          // Leaves a bias in the scratch memory that the next call must not use.
          kernel.run(x, weight, KernelHarness.normal(3, outChannels), 1, padding, out);
          kernel.run(x, weight, null, 1, padding, out);
        };
    KernelHarness.Run<Conv2d> withZeros =
        (kernel, out) -> kernel.run(x, weight, zeros, 1, padding, out);
    long[] extents = {2, 5, 13, outChannels};
    assertArrayEquals(
        KernelHarness.compute(CpuBackend.reference(2), Conv2d.class, withZeros, extents),
        KernelHarness.compute(CpuBackend.reference(2), Conv2d.class, without, extents));
    assertArrayEquals(
        KernelHarness.compute(CpuBackend.simd(2), Conv2d.class, withZeros, extents),
        KernelHarness.compute(CpuBackend.simd(2), Conv2d.class, without, extents));
  }

  @Test
  void refusesWhatDoesNotFit() {
    Tensor x = KernelHarness.normal(1, 1, 4, 4, 3);
    Tensor weight = KernelHarness.normal(1, 3, 3, 3, 8);
    Tensor bias = KernelHarness.normal(1, 8);
    Tensor out = KernelHarness.normal(1, 1, 4, 4, 8);
    try (CpuBackend backend = CpuBackend.simd(1)) {
      Conv2d conv = backend.kernel(Conv2d.class);
      Conv2d.Padding none = Conv2d.Padding.all(0);
      refused(
          "out: expected F32[1, 2, 2, 8], found F32[1, 4, 4, 8]",
          () -> conv.run(x, weight, bias, 1, none, out));
      Tensor tiny = KernelHarness.normal(1, 1, 2, 2, 3);
      refused(
          "x: expected frames that hold the kernel F32[3, 3, 3, 8] with Padding[top=0,"
              + " bottom=0, left=0, right=0], found F32[1, 2, 2, 3]",
          () -> conv.run(tiny, weight, bias, 1, none, out));
    }
  }
}
