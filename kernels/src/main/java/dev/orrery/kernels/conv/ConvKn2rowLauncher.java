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
 * Launches {@code ConvKn2rowHopper.cu}: one kernel brings the weight into columns, and as many
 * blocks as the GPU has multiprocessors walk over tiles of the output.
 */
final class ConvKn2rowLauncher extends CudaKernel {
  private static final String STEM = "ConvKn2rowHopper";
  private static final String NAME = "conv_kn2row";

  private final Map<ConvKn2rowTile, Functions> functions = new EnumMap<>(ConvKn2rowTile.class);

  ConvKn2rowLauncher(CudaDevice device) {
    super(device);
    for (ConvKn2rowTile tile : ConvKn2rowTile.values()) {
      functions.put(
          tile,
          new Functions(
              device.function(STEM, NAME + "_weight" + tile.suffix()),
              convolution(DType.F16, tile),
              convolution(DType.BF16, tile)));
    }
  }

  private CudaFunction convolution(DType dtype, ConvKn2rowTile tile) {
    return device().function(STEM, NAME + suffix(dtype) + tile.suffix(), tile.sharedBytes());
  }

  /**
   * Functions of a tile.
   *
   * @param weight brings weights into columns
   */
  private record Functions(CudaFunction weight, CudaFunction f16, CudaFunction bf16) {}

  /** Launches a convolution; arguments as those of {@link ConvLauncher}. */
  void launch(
      ConvGeometry geometry, Tensor history, Tensor x, Tensor weight, Tensor bias, Tensor out) {
    // A tensor map has no axis without elements.
    if (out.elements() == 0) {
      return;
    }
    ConvKn2rowTile tile = ConvKn2rowTile.of(out.size(3));
    Functions kernels = functions.get(tile);
    Tensor columns =
        stream().scratch(x.dtype(), geometry.kernelFrames(), x.size(3), tile.storedColumns());
    stream()
        .launch(
            kernels.weight(),
            Math.toIntExact(Math.ceilDiv(columns.elements(), ConvKn2rowTile.WEIGHT_THREADS)),
            1,
            1,
            ConvKn2rowTile.WEIGHT_THREADS,
            0,
            weight,
            columns,
            Math.toIntExact(columns.elements()),
            x.size(3),
            out.size(3));
    stream()
        .launch(
            x.dtype() == DType.F16 ? kernels.f16() : kernels.bf16(),
            (int) Math.min(device().multiprocessors(), tile.count(out.shape())),
            1,
            1,
            ConvHopperTile.THREADS,
            tile.sharedBytes(),
            ConvHopperLauncher.arguments(
                geometry, history, x, ConvKn2rowTile.BOX, boxes(columns), bias, out));
  }

  /** Cuts boxes of 64 columns of 64 input channels of a kernel frame. */
  private static TensorMap boxes(Tensor columns) {
    long channels = columns.size(1);
    long width = columns.size(2);
    return TensorMap.of(
        columns,
        new long[] {width, channels, columns.size(0)},
        new long[] {width, channels * width},
        ConvHopperTile.GROUP,
        ConvHopperTile.GROUP,
        1);
  }
}
