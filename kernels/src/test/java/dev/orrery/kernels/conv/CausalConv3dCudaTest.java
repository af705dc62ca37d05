package dev.orrery.kernels.conv;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.orrery.kernels.KernelCase.Inputs;
import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.cuda.CudaHarness;
import dev.orrery.kernels.cuda.CudaTestDevice;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class CausalConv3dCudaTest {
  private static final int PORTABLE = 80;
  private static final int HOPPER = 90;

  /**
   * Layers of the Wan VAE made small, and odd ones. The tile named is the one that a GPU of four
   * multiprocessors, as the emulated one, takes; behind it that of Hopper, if it has one.
   */
  @ParameterizedTest
  @CsvSource({
    // Kt,Ky,Kx, Ci, Co, Th, T, Y,  X, timeStride, edge, dtype
    "  3, 3, 3, 16,  96,  2, 2, 11, 13, 1, ZEROS, BF16", // 128x96, 128x96
    "  1, 3, 3, 96,  96,  0, 2, 11, 13, 1, ZEROS, F16", // 128x96, 128x96, a group and a half
    "  3, 1, 1, 48,  64,  2, 2, 11, 13, 1, ZEROS, F16", // 128x64, 128x96
    "  3, 1, 3,  8,  72,  1, 3, 10, 10, 2, ZEROS, BF16", // 64x64, 128x96
    "  3, 1, 1, 24, 104,  2, 2, 5,   9, 1, ZEROS, F16", // 64x64, 128x128
    "  2, 3, 3, 72,  96,  1, 3, 11, 20, 2, ZEROS, F16", // 128x96, 256x96
    "  3, 3, 1, 16, 128,  4, 1, 17, 10, 1, ZEROS, BF16", // 128x64, 128x128
    "  1, 3, 3, 16, 128,  0, 2, 15, 17, 1, ZEROS, F16", // 128x64, 256x128
    "  1, 1, 1, 40, 200,  0, 3, 3,  18, 1, ZEROS, BF16", // several tiles a block
    "  1, 1, 1, 32,  24,  0, 2, 15, 10, 1, ZEROS, BF16", // 128x32
    "  3, 3, 3, 32,   3,  5, 1, 5,  10, 1, ZEROS, F16", // 128x16, kn2row; Co no multiple of eight
    "  3, 3, 3, 96,   4,  2, 2, 15, 17, 1, ZEROS, BF16", // 128x16, kn2row: a group and a half
    "  2, 3, 3, 72,  12,  1, 4, 14, 29, 2, ZEROS, F16", // 128x16, kn2row: several tiles a block
    "  1, 3, 3, 40,   5,  0, 2, 1,   3, 1, ZEROS, BF16", // 128x16, kn2row
    "  3, 3, 3, 40,  16,  0, 3, 1,   1, 1, ZEROS, BF16", // 128x16
    "  3, 3, 3,  8,   8,  4, 0, 3,   5, 1, ZEROS, F16", // nothing but history
    "  3, 3, 3,  3,  96,  2, 1, 9,   7, 1, ZEROS, F16", // single elements of the input
    "  1, 3, 5, 13,   5,  0, 2, 7,   2, 1, ZEROS, BF16", // and of the weight
    "  3, 3, 3,  1,   1,  2, 1, 2,   2, 1, ZEROS, F16",
    "  3, 3, 3, 16,  96,  2, 2, 11, 13, 1, REPEATED, BF16",
    "  2, 3, 5, 72,  64,  1, 2, 17, 19, 1, REPEATED, F16", // Hopper: edges in four tiles and more
    "  1, 3, 3,  8,  64,  0, 1, 3,  17, 1, REPEATED, BF16", // Hopper: its last box lies outside
    "  3, 3, 3, 32,   3,  5, 1, 5,  10, 1, REPEATED, F16",
    "  2, 3, 3, 72,  11,  1, 2, 29, 31, 1, REPEATED, BF16", // kn2row: a tile has no edge
    "  1, 3, 3, 32,   2,  0, 1, 15,  1, 1, REPEATED, F16", // kn2row: its last boxes have one row
    "  3, 3, 3,  3,  96,  2, 1, 9,   7, 1, REPEATED, F16", // single elements of the input
    "  1, 3, 5, 16,   8,  0, 2, 7,   2, 1, REPEATED, BF16" // a kernel wider than the frame
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
      DType dtype) {
    int outFrames = (historyFrames + frames - kernelFrames) / timeStride + 1;
    CudaHarness.agree(
        CausalConv3d.class,
        dtype,
        (kernel, inputs) -> {
          Tensor past = inputs.activation(1, historyFrames, rows, columns, inChannels);
          Tensor out = inputs.output(outFrames, rows, columns, outChannels);
          kernel.run(
              historyFrames == 0 ? null : past,
              inputs.activation(2, frames, rows, columns, inChannels),
              inputs.activation(
                  3, kernelFrames, kernelRows, kernelColumns, inChannels, outChannels),
              inputs.fp32(4, outChannels),
              timeStride,
              edge,
              out);
          return out;
        });
  }

  @ParameterizedTest
  @CsvSource({
    // Kt,Ky,Kx, Ci, Co, Th, T, Y, X, timeStride, edge, dtype of the weight
    "  3, 3, 3, 16,  35,  2, 1, 5,  7, 1, ZEROS, F32",
    "  3, 3, 3,  3,   6,  2, 2, 5,  7, 1, ZEROS, BF16",
    "  3, 1, 1,  6,  13,  1, 8, 2, 11, 2, ZEROS, F16",
    "  1, 1, 1,  1,   1,  0, 1, 1,  1, 1, ZEROS, F32",
    "  3, 3, 3, 16,  35,  2, 1, 5,  7, 1, REPEATED, F32",
    "  1, 3, 5, 13,   5,  0, 2, 7,  2, 1, REPEATED, BF16"
  })
  void agreesWithTheReferenceInFp32(
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
    CudaHarness.agree(
        CausalConv3d.class,
        DType.F32,
        (kernel, inputs) -> {
          Tensor past = inputs.activation(1, historyFrames, rows, columns, inChannels);
          Tensor out = inputs.output(outFrames, rows, columns, outChannels);
          kernel.run(
              historyFrames == 0 ? null : past,
              inputs.activation(2, frames, rows, columns, inChannels),
              inputs.exactly(
                  3, weight, kernelFrames, kernelRows, kernelColumns, inChannels, outChannels),
              inputs.fp32(4, outChannels),
              timeStride,
              edge,
              out);
          return out;
        });
  }

  /** Chunks of 1, 5 and 2 frames take another tile than all frames at once, but sum alike. */
  @ParameterizedTest
  @CsvSource({
    "F32, 80, 24, 72",
    "F16, 80, 24, 72",
    "BF16, 80, 24, 72",
    "F16, 90, 24, 72",
    "BF16, 90, 24, 72",
    "F16, 90, 40, 3",
    "BF16, 90, 40, 12"
  })
  void streamsInChunks(DType dtype, int capability, int inChannels, int outChannels) {
    assumeTrue(CudaTestDevice.supports(capability), "this GPU is not of the generation Hopper");
    float[] whole =
        CudaHarness.onGpu(
            CausalConv3d.class,
            dtype,
            capability,
            (kernel, inputs) -> {
              Tensor video = inputs.activation(4, 10, 10, 7, inChannels);
              Tensor weight = inputs.activation(5, 3, 3, 3, inChannels, outChannels);
              Tensor bias = inputs.fp32(6, outChannels);
              Tensor out = inputs.output(8, 10, 7, outChannels);
              kernel.run(null, video, weight, bias, 1, Edge.ZEROS, out);
              return out;
            });
    float[] chunks =
        CudaHarness.onGpu(
            CausalConv3d.class,
            dtype,
            capability,
            (kernel, inputs) -> {
              Tensor video = inputs.activation(4, 10, 10, 7, inChannels);
              Tensor weight = inputs.activation(5, 3, 3, 3, inChannels, outChannels);
              Tensor bias = inputs.fp32(6, outChannels);
              Tensor out = inputs.output(8, 10, 7, outChannels);
              int done = 0;
              for (int frames : new int[] {1, 5, 2}) {
                Tensor history = video.slice(done, done + 2);
                Tensor x = video.slice(done + 2, done + 2 + frames);
                Tensor part = out.slice(done, done + frames);
                kernel.run(history, x, weight, bias, 1, Edge.ZEROS, part);
                done += frames;
              }
              return out;
            });
    assertArrayEquals(whole, chunks);
  }

  /** Each tile of Hopper adds in the same order, those too that this GPU would not take. */
  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F16", "BF16"})
  void allTilesOfHopperGiveTheSameBits(DType dtype) {
    assumeTrue(CudaTestDevice.supports(HOPPER), "this GPU is not of the generation Hopper");
    ConvHopperLauncher hopper = new ConvHopperLauncher(CudaTestDevice.open(HOPPER).device());
    float[] expected = convolve(dtype, CausalConv3d::run);
    for (ConvHopperTile tile : ConvHopperTile.values()) {
      float[] actual =
          convolve(
              dtype,
              (kernel, history, x, weight, bias, timeStride, edge, out) -> {
                ConvGeometry geometry = ConvGeometry.causal3d(weight, timeStride, edge);
                hopper.launch(tile, geometry, history, x, weight, bias, out);
              });
      assertArrayEquals(expected, actual, tile.toString());
    }
  }

  private interface Convolution {
    void run(
        CausalConv3d kernel,
        Tensor history,
        Tensor x,
        Tensor weight,
        Tensor bias,
        int timeStride,
        Edge edge,
        Tensor out);
  }

  /**
   * A group of channels and a part of one, tiles that no picture fills, two of them along each
   * axis.
   */
  private static float[] convolve(DType dtype, Convolution convolution) {
    return CudaHarness.onGpu(
        CausalConv3d.class,
        dtype,
        HOPPER,
        (kernel, inputs) -> {
          Tensor history = inputs.activation(1, 1, 17, 19, 72);
          Tensor x = inputs.activation(2, 1, 17, 19, 72);
          Tensor weight = inputs.activation(3, 2, 3, 1, 72, 136);
          Tensor out = inputs.output(1, 17, 19, 136);
          Tensor bias = inputs.fp32(4, 136);
          convolution.run(kernel, history, x, weight, bias, 1, Edge.ZEROS, out);
          return out;
        });
  }

  /** Tensor maps begin at multiples of 16 bytes: others are left to the portable kernel. */
  @ParameterizedTest
  @CsvSource({"16, 72", "32, 3", "32, 6"})
  void anyElementMayBeTheFirstOnHopper(int inChannels, int outChannels) {
    assumeTrue(CudaTestDevice.supports(HOPPER), "this GPU is not of the generation Hopper");
    float[] expected = startingAt(HOPPER, inChannels, outChannels, 0, 0, 0, 0);
    for (int i = 0; i < 4; i++) {
      int[] others = new int[4];
      others[i] = 1;
      float[] actual =
          startingAt(HOPPER, inChannels, outChannels, others[0], others[1], others[2], others[3]);
      KernelHarness.assertClose("tensor " + i, expected, actual, CudaHarness.FP16_LIMIT);
    }
  }

  /** Tensors that begin in the middle of 16 bytes are read otherwise, but summed alike. */
  @ParameterizedTest
  @CsvSource({"1,0,0,0", "0,1,0,0", "0,0,1,0", "0,0,0,1", "1,1,1,1"})
  void anyElementMayBeTheFirst(int history, int x, int weight, int out) {
    float[] expected = startingAt(PORTABLE, 16, 24, 0, 0, 0, 0);
    assertArrayEquals(expected, startingAt(PORTABLE, 16, 24, history, x, weight, out));
  }

  private static float[] startingAt(
      int capability, int inChannels, int channels, int history, int x, int weight, int out) {
    return CudaHarness.onGpu(
        CausalConv3d.class,
        DType.F16,
        capability,
        (kernel, inputs) -> {
          Tensor room = inputs.output(out + 3 * 5 * channels);
          Tensor result = room.slice(out, out + 3 * 5 * channels).reshape(1, 3, 5, channels);
          kernel.run(
              behind(history, inputs, 1, 2, 3, 5, inChannels),
              behind(x, inputs, 2, 1, 3, 5, inChannels),
              behind(weight, inputs, 3, 3, 3, 3, inChannels, channels),
              inputs.fp32(4, channels),
              1,
              Edge.ZEROS,
              result);
          return result;
        });
  }

  /** The same values wherever they begin: behind so many other elements. */
  private static Tensor behind(int others, Inputs inputs, long seed, long... extents) {
    Tensor values = KernelHarness.normal(seed, DType.F16, extents);
    Tensor all = KernelHarness.normal(5, DType.F16, others + values.elements());
    Tensor part = all.slice(others, others + values.elements());
    MemorySegment.copy(values.segment(), 0, part.segment(), 0, values.byteSize());
    return inputs.moved(all).slice(others, others + values.elements()).reshape(extents);
  }
}
