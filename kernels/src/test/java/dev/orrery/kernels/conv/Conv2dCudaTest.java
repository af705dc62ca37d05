package dev.orrery.kernels.conv;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.orrery.kernels.cuda.CudaHarness;
import dev.orrery.kernels.cuda.CudaTestDevice;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class Conv2dCudaTest {
  private static final int HOPPER = 90;

  /** The tile named is the one that a GPU of four multiprocessors, as the emulated one, takes. */
  @ParameterizedTest
  @CsvSource({
    // K, Ci, Co, T,  Y,  X, stride, top, bottom, left, right, bias, dtype
    "  3, 32, 96, 2, 11, 13, 1, 1, 1, 1, 1, true, F16", // 128x96
    "  3, 16, 64, 3, 21, 19, 2, 0, 1, 0, 1, true, BF16", // 128x64, on Hopper 256x96
    "  3, 72, 96, 3, 20, 37, 2, 1, 1, 1, 1, true, F16", // on Hopper several tiles a block
    "  3, 40,136, 1, 34, 34, 2, 0, 1, 0, 1, false, BF16", // one output more than a tile has
    "  3,  8, 64, 1,  1,  1, 2, 1, 1, 1, 1, true, F16", // a pixel
    "  3, 24, 64, 2,  6,  7, 2, 3, 4, 0, 5, true, BF16", // windows that miss the frame
    "  2, 24, 72, 1,  9, 12, 2, 0, 0, 0, 0, true, BF16", // pixels apart, the last row unused
    "  1, 64, 64, 2, 15, 10, 2, 0, 0, 0, 0, false, F16", // every second pixel alone
    "  3, 16, 64, 1, 10, 11, 3, 1, 1, 1, 1, true, F16", // a stride that Hopper has no boxes for
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

  /** Each tile of Hopper adds in the same order with a stride, too. */
  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F16", "BF16"})
  void allTilesOfHopperGiveTheSameBits(DType dtype) {
    assumeTrue(CudaTestDevice.supports(HOPPER), "this GPU is not of the generation Hopper");
    ConvHopperLauncher hopper = new ConvHopperLauncher(CudaTestDevice.open(HOPPER).device());
    float[] expected = halve(dtype, Conv2d::run);
    for (ConvHopperTile tile : ConvHopperTile.values()) {
      float[] actual =
          halve(
              dtype,
              (kernel, x, weight, bias, stride, padding, out) -> {
                ConvGeometry geometry = ConvGeometry.conv2d(weight, stride, padding);
                hopper.launch(tile, geometry, null, x, weight, bias, out);
              });
      assertArrayEquals(expected, actual, tile.toString());
    }
  }

  private interface Convolution {
    void run(
        Conv2d kernel,
        Tensor x,
        Tensor weight,
        Tensor bias,
        int stride,
        Conv2d.Padding padding,
        Tensor out);
  }

  /**
   * A group of channels and a part of one, tiles that no picture fills, two of them along each
   * axis.
   */
  private static float[] halve(DType dtype, Convolution convolution) {
    return CudaHarness.onGpu(
        Conv2d.class,
        dtype,
        HOPPER,
        (kernel, inputs) -> {
          Tensor x = inputs.activation(1, 1, 33, 37, 72);
          Tensor weight = inputs.activation(2, 3, 3, 72, 136);
          Tensor out = inputs.output(1, 17, 19, 136);
          Tensor bias = inputs.fp32(3, 136);
          convolution.run(kernel, x, weight, bias, 2, Conv2d.Padding.all(1), out);
          return out;
        });
  }
}
