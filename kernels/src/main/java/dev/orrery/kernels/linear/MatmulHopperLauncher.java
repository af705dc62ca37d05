package dev.orrery.kernels.linear;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.CudaFunction;
import dev.orrery.kernels.cuda.CudaKernel;
import dev.orrery.kernels.cuda.TensorMap;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.EnumMap;
import java.util.Map;

/**
 * Launches {@code MatmulHopper.cu}: as many blocks as the GPU has multiprocessors walk over tiles
 * of 128 rows, whose width is chosen for each product.
 */
final class MatmulHopperLauncher extends CudaKernel {
  private final Map<DType, Map<MatmulHopperTile, CudaFunction>> functions =
      new EnumMap<>(DType.class);

  /**
   * @param base how names of the operation's functions begin
   */
  MatmulHopperLauncher(CudaDevice device, String base) {
    super(device);
    for (DType type : new DType[] {DType.F16, DType.BF16}) {
      Map<MatmulHopperTile, CudaFunction> tiles = new EnumMap<>(MatmulHopperTile.class);
      for (MatmulHopperTile tile : MatmulHopperTile.values()) {
        String name = base + "_hopper" + suffix(type) + tile.suffix();
        tiles.put(tile, device.function("MatmulHopper", name, tile.sharedBytes()));
      }
      functions.put(type, tiles);
    }
  }

  /** Launches a product; arguments as those of {@link MatmulLauncher#launchProduct}. */
  void launch(Tensor x, Tensor weight, Tensor bias, Tensor out, Object[] ending) {
    // A tensor map has no axis without elements.
    if (out.elements() == 0) {
      return;
    }
    int rows = out.size(0);
    int columns = out.size(1);
    int multiprocessors = device().multiprocessors();
    MatmulHopperTile tile = MatmulHopperTile.fastest(rows, columns, multiprocessors);
    TensorMap boxesOfX = TensorMap.ofMatrix(x, MatmulHopperTile.ROWS);
    TensorMap boxesOfWeight = TensorMap.ofMatrix(weight, tile.columns());
    stream()
        .launch(
            functions.get(x.dtype()).get(tile),
            tile.blocks(rows, columns, multiprocessors),
            1,
            1,
            MatmulHopperTile.THREADS,
            tile.sharedBytes(),
            MatmulLauncher.arguments(boxesOfX, boxesOfWeight, bias, out, x.size(1), ending));
  }
}
