package dev.orrery.kernels.conv;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.CudaFunction;
import dev.orrery.kernels.cuda.CudaKernel;
import dev.orrery.kernels.cuda.TensorMap;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.EnumMap;
import java.util.Map;

/**
 * Launches {@code ConvHopper.cu}: as many blocks as the GPU has multiprocessors walk over tiles,
 * whose size is chosen for each convolution.
 */
final class ConvHopperLauncher extends CudaKernel {
  private static final String STEM = "ConvHopper";

  private final Map<DType, Map<ConvHopperTile, CudaFunction>> functions =
      new EnumMap<>(DType.class);

  ConvHopperLauncher(CudaDevice device) {
    super(device);
    for (DType type : new DType[] {DType.F16, DType.BF16}) {
      Map<ConvHopperTile, CudaFunction> tiles = new EnumMap<>(ConvHopperTile.class);
      for (ConvHopperTile tile : ConvHopperTile.values()) {
        String name = "conv_hopper" + suffix(type) + tile.suffix();
        tiles.put(tile, device.function(STEM, name, tile.sharedBytes()));
      }
      functions.put(type, tiles);
    }
  }

  /** Launches a convolution; arguments as those of {@link ConvLauncher}. */
  void launch(
      ConvGeometry geometry, Tensor history, Tensor x, Tensor weight, Tensor bias, Tensor out) {
    ConvHopperTile tile =
        ConvHopperTile.fastest(
            out.shape(), geometry.kernelRows(), geometry.stride(), device().multiprocessors());
    launch(tile, geometry, history, x, weight, bias, out);
  }

  /** Launches it in a tile of choice, which changes no bit. */
  void launch(
      ConvHopperTile tile,
      ConvGeometry geometry,
      Tensor history,
      Tensor x,
      Tensor weight,
      Tensor bias,
      Tensor out) {
    // A tensor map has no axis without elements.
    if (out.elements() == 0) {
      return;
    }
    stream()
        .launch(
            functions.get(x.dtype()).get(tile),
            (int) Math.min(device().multiprocessors(), tile.count(out.shape())),
            1,
            1,
            ConvHopperTile.THREADS,
            tile.sharedBytes(),
            arguments(
                geometry,
                history,
                x,
                tile.boxRows(geometry.kernelRows(), geometry.stride()),
                weights(weight, geometry.taps()),
                bias,
                out));
  }

  /**
   * The arguments of {@code CONV_HOPPER_PARAMETERS}.
   *
   * @param boxRows of a box of pixels
   */
  static Object[] arguments(
      ConvGeometry geometry,
      Tensor history,
      Tensor x,
      int boxRows,
      TensorMap weight,
      Tensor bias,
      Tensor out) {
    int historyFrames = history == null ? 0 : history.size(0);
    TensorMap ofX = x.size(0) == 0 ? null : pixels(x, boxRows, geometry.stride());
    TensorMap ofHistory = historyFrames == 0 ? ofX : pixels(history, boxRows, geometry.stride());
    return new Object[] {
      ofHistory,
      ofX == null ? ofHistory : ofX,
      weight,
      bias,
      out,
      historyFrames,
      x.size(1),
      x.size(2),
      x.size(3),
      out.size(0),
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
      geometry.edge() == Edge.REPEATED ? 1 : 0
    };
  }

  /**
   * Cuts boxes of 64 channels of 16 pixels in some rows of a frame, pixels and rows a stride apart.
   */
  private static TensorMap pixels(Tensor frames, int boxRows, int stride) {
    long channels = frames.size(3);
    long columns = frames.size(2);
    long rows = frames.size(1);
    return TensorMap.of(
        frames,
        new long[] {channels, columns, rows, frames.size(0)},
        new long[] {channels, columns * channels, rows * columns * channels},
        new int[] {1, stride, stride, 1},
        ConvHopperTile.GROUP,
        ConvHopperTile.COLUMNS,
        boxRows,
        1);
  }

  /** Cuts boxes of 64 output channels of 32 input channels of a kernel position. */
  private static TensorMap weights(Tensor weight, int taps) {
    int axes = weight.shape().rank();
    long inChannels = weight.size(axes - 2);
    long outChannels = weight.size(axes - 1);
    return TensorMap.of(
        weight,
        new long[] {outChannels, inChannels, taps},
        new long[] {outChannels, inChannels * outChannels},
        ConvHopperTile.GROUP,
        ConvHopperTile.WEIGHT_ROWS,
        1);
  }
}
