package dev.orrery.kernels.conv;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.CudaFunction;
import dev.orrery.kernels.cuda.CudaKernel;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.Comparator;
import java.util.List;

/**
 * Chooses and launches the kernel of a convolution:
 *
 * <ul>
 *   <li>{@code ConvHopper.cu} for 16-bit elements on a Hopper GPU, if {@link ConvHopperTile#take
 *       its tiles take} the convolution and all tensors begin at multiples of 16 bytes;
 *   <li>{@code ConvKn2rowHopper.cu} for few output channels, if {@link ConvKn2rowTile#take its
 *       tiles take} the convolution and the inputs begin at multiples of 16 bytes;
 *   <li>{@code conv.cuh} for all others: for 16-bit elements on tensor cores, in the tile that
 *       suits the shape; for fp32 without.
 * </ul>
 *
 * <p>The choice between files does not look at the number of frames, and within a file every sum is
 * taken in the same order: the tile does not change a bit of the result.
 */
abstract class ConvLauncher extends CudaKernel {
  private static final int THREADS = 128;
  private static final int FP32_THREADS = 256;
  private static final int FP32_PIXELS = 64;
  private static final int FP32_CHANNELS = 32;
  private static final int VECTOR_ELEMENTS = 8;

  private final List<Tile> tiles;
  private final Tile elements;
  private final ByDType fp32;

  /** Null if the GPU is not one of Hopper, like what follows. */
  private final ConvHopperLauncher hopper;

  private final ConvKn2rowLauncher kn2row;

  /**
   * @param stem source file
   * @param base what the names of its functions begin with
   */
  ConvLauncher(CudaDevice device, String stem, String base) {
    super(device);
    tiles =
        List.of(
            tile(stem, base + "_128x96", 128, 96, 336),
            tile(stem, base + "_128x64", 128, 64, 288),
            tile(stem, base + "_64x64", 64, 64, 192),
            tile(stem, base + "_128x32", 128, 32, 208),
            tile(stem, base + "_128x16", 128, 16, 168));
    elements = tile(stem, base + "_elements", 128, 96, 336);
    fp32 = functions(stem, base + "_f32");
    hopper = device.isHopper() ? new ConvHopperLauncher(device) : null;
    kn2row = device.isHopper() ? new ConvKn2rowLauncher(device) : null;
  }

  /**
   * A kernel on tensor cores.
   *
   * @param pixels of the output that a block computes
   * @param channels of the output that a block computes
   * @param cycles that shared memory needs, at 128 bytes each, to take in a step of 32 terms and to
   *     give it to the warps; the products of mma.sync take less
   */
  private record Tile(int pixels, int channels, int cycles, CudaFunction f16, CudaFunction bf16) {
    long blocks(long outPixels, int outChannels) {
      return Math.ceilDiv(outPixels, pixels) * Math.ceilDiv(outChannels, channels);
    }

    /** Cycles for a step of all blocks of the busiest multiprocessor. */
    long cycles(long outPixels, int outChannels, int multiprocessors) {
      return Math.ceilDiv(blocks(outPixels, outChannels), multiprocessors) * cycles;
    }
  }

  private Tile tile(String stem, String name, int pixels, int channels, int cycles) {
    return new Tile(
        pixels,
        channels,
        cycles,
        device().function(stem, name + suffix(DType.F16)),
        device().function(stem, name + suffix(DType.BF16)));
  }

  /**
   * Launches a convolution over the frames of the history and of x.
   *
   * @param history null if there are none
   * @param bias null for zeros
   */
  void launch(
      ConvGeometry geometry, Tensor history, Tensor x, Tensor weight, Tensor bias, Tensor out) {
    requireVector("bias", bias);
    requireMatrix("weight", weight, x.dtype());
    long outPixels = (long) out.size(0) * out.size(1) * out.size(2);
    int outChannels = out.size(3);
    if (x.dtype() == DType.F32) {
      long blocks = Math.ceilDiv(outPixels, FP32_PIXELS) * Math.ceilDiv(outChannels, FP32_CHANNELS);
      launch(
          fp32.of(weight.dtype()), blocks, FP32_THREADS, geometry, history, x, weight, bias, out);
      return;
    }
    boolean alignedInputs = areAligned(x) && (history == null || areAligned(history));
    if (hopper != null
        && ConvHopperTile.take(
            x.dtype(), weight.shape(), geometry.stride(), geometry.edge(), x.size(2))
        && alignedInputs
        && areAligned(weight, out)) {
      hopper.launch(geometry, history, x, weight, bias, out);
      return;
    }
    if (kn2row != null
        && ConvKn2rowTile.take(x.dtype(), weight.shape(), geometry.stride())
        && alignedInputs) {
      kn2row.launch(geometry, history, x, weight, bias, out);
      return;
    }
    Tile tile = tile(x, alignedInputs, outPixels, outChannels);
    launch(
        x.dtype() == DType.F16 ? tile.f16() : tile.bf16(),
        tile.blocks(outPixels, outChannels),
        THREADS,
        geometry,
        history,
        x,
        weight,
        bias,
        out);
  }

  private Tile tile(Tensor x, boolean alignedInputs, long outPixels, int outChannels) {
    if (!alignedInputs || x.size(3) % VECTOR_ELEMENTS != 0) {
      return elements;
    }
    int multiprocessors = device().multiprocessors();
    return tiles.stream()
        .min(Comparator.comparing(tile -> tile.cycles(outPixels, outChannels, multiprocessors)))
        .orElseThrow();
  }

  private void launch(
      CudaFunction function,
      long blocks,
      int threads,
      ConvGeometry geometry,
      Tensor history,
      Tensor x,
      Tensor weight,
      Tensor bias,
      Tensor out) {
    stream()
        .launch(
            function,
            Math.toIntExact(blocks),
            1,
            1,
            threads,
            0,
            history,
            x,
            weight,
            bias,
            out,
            history == null ? 0 : history.size(0),
            x.size(1),
            x.size(2),
            x.size(3),
            pixels(out),
            out.size(1),
            out.size(2),
            out.size(3),
            geometry.kernelFrames(),
            geometry.kernelRows(),
            geometry.kernelColumns(),
            geometry.timeStride(),
            geometry.stride(),
            geometry.top(),
            geometry.left(),
            geometry.edge() == Edge.REPEATED ? 1 : 0);
  }

  private static int pixels(Tensor frames) {
    return Math.toIntExact((long) frames.size(0) * frames.size(1) * frames.size(2));
  }
}
