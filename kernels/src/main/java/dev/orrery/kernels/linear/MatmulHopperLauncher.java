package dev.orrery.kernels.linear;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.CudaFunction;
import dev.orrery.kernels.cuda.CudaKernel;
import dev.orrery.kernels.cuda.TensorMap;
import dev.orrery.kernels.linear.MatmulHopperTile.Work;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Launches {@code MatmulHopper.cu}: as many blocks as the GPU has multiprocessors walk over tiles
 * of 128 rows, whose width is chosen for each product.
 */
final class MatmulHopperLauncher extends CudaKernel {
  private final Map<DType, Map<MatmulHopperTile, CudaFunction>> functions =
      new EnumMap<>(DType.class);

  /**
   * @param base how names of the operation's functions begin
   * @param types that it has functions for
   */
  MatmulHopperLauncher(CudaDevice device, String base, Set<DType> types) {
    super(device);
    for (DType type : types) {
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
    Work work = new Work(out.size(0), out.size(1));
    MatmulHopperTile tile = MatmulHopperTile.fastest(work, device().multiprocessors());
    TensorMap boxesOfX = TensorMap.ofMatrix(x, MatmulHopperTile.ROWS);
    TensorMap boxesOfWeight = TensorMap.ofMatrix(weight, tile.columns());
    launch(
        x.dtype(),
        tile,
        work,
        MatmulLauncher.arguments(boxesOfX, boxesOfWeight, bias, out, x.size(1), ending));
  }

  /** Whether it has functions for a type. */
  boolean has(DType type) {
    return functions.containsKey(type);
  }

  /** Launches layers of the same input: functions of {@code matmul_joint}. */
  void launch(Tensor x, List<Matmul.Layer> layers) {
    Tensor out = layers.getFirst().out();
    if (out.elements() == 0) {
      return;
    }
    Work work = new Work(layers.size(), out.size(0), out.size(1));
    MatmulHopperTile tile = MatmulHopperTile.fastest(work, device().multiprocessors());
    List<Object> arguments = new ArrayList<>();
    arguments.add(TensorMap.ofMatrix(x, MatmulHopperTile.ROWS));
    arguments.add(layers.size());
    for (int i = 0; i < Matmul.MOST_LAYERS; i++) {
      // Where there is none, another one stands.
      Matmul.Layer layer = layers.get(Math.min(i, layers.size() - 1));
      arguments.add(TensorMap.ofMatrix(layer.weight(), tile.columns()));
      arguments.addAll(Arrays.asList(layer.bias(), layer.out()));
    }
    arguments.addAll(List.of(out.size(0), out.size(1), x.size(1)));
    launch(x.dtype(), tile, work, arguments.toArray());
  }

  private void launch(DType type, MatmulHopperTile tile, Work work, Object[] arguments) {
    stream()
        .launch(
            functions.get(type).get(tile),
            tile.blocks(work, device().multiprocessors()),
            1,
            1,
            MatmulHopperTile.THREADS,
            tile.sharedBytes(),
            arguments);
  }
}
