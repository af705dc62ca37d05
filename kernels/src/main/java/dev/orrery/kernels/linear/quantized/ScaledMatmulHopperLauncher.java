package dev.orrery.kernels.linear.quantized;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.CudaFunction;
import dev.orrery.kernels.cuda.CudaKernel;
import dev.orrery.kernels.cuda.TensorMap;
import dev.orrery.kernels.linear.Epilogue;
import dev.orrery.kernels.linear.MatmulHopperTile;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;

/**
 * Launches products of {@link ScaledRows} by TMA and wgmma: as many blocks as the GPU has
 * multiprocessors walk over tiles of 128 rows.
 */
final class ScaledMatmulHopperLauncher extends CudaKernel {
  private final Set<MatmulHopperTile> tiles;
  private final Map<DType, Map<MatmulHopperTile, CudaFunction>> storing;
  private final Map<DType, Map<MatmulHopperTile, CudaFunction>> adding;

  /**
   * @param stem the source
   * @param base how names of its functions begin
   * @param results types of results that it has
   * @param tiles that it has
   */
  ScaledMatmulHopperLauncher(
      CudaDevice device,
      String stem,
      String base,
      Set<DType> results,
      Set<MatmulHopperTile> tiles) {
    super(device);
    this.tiles = tiles;
    storing = functions(stem, base, results);
    adding = functions(stem, base + "_residual", results);
  }

  private Map<DType, Map<MatmulHopperTile, CudaFunction>> functions(
      String stem, String base, Set<DType> results) {
    Map<DType, Map<MatmulHopperTile, CudaFunction>> functions = new EnumMap<>(DType.class);
    for (DType type : results) {
      Map<MatmulHopperTile, CudaFunction> ofType = new EnumMap<>(MatmulHopperTile.class);
      for (MatmulHopperTile tile : tiles) {
        String name = base + "_hopper" + suffix(type) + tile.suffix();
        ofType.put(tile, device().function(stem, name, tile.sharedBytes()));
      }
      functions.put(type, ofType);
    }
    return functions;
  }

  /** Whether it has the product: by the type of its result, and where its rows begin. */
  boolean has(ScaledRows x, ScaledRows weight, Epilogue epilogue) {
    return storing.containsKey(epilogue.target().dtype())
        && ScaledMatmulLauncher.suitTensorCores(x, weight);
  }

  /** Launches a product that it has. */
  void launch(ScaledRows x, ScaledRows weight, Tensor bias, Epilogue epilogue) {
    requireVector("bias", bias);
    Tensor out = epilogue.target();
    // A tensor map has no axis without elements.
    if (out.elements() == 0) {
      return;
    }
    int multiprocessors = device().multiprocessors();
    MatmulHopperTile tile =
        MatmulHopperTile.fastest(tiles, out.size(0), out.size(1), multiprocessors);
    Map<DType, Map<MatmulHopperTile, CudaFunction>> functions =
        epilogue instanceof Epilogue.Store ? storing : adding;
    Object[] operands = {
      TensorMap.ofMatrix(x.values(), MatmulHopperTile.ROWS),
      x.scales(),
      TensorMap.ofMatrix(weight.values(), tile.columns()),
      weight.scales()
    };
    stream()
        .launch(
            functions.get(out.dtype()).get(tile),
            tile.blocks(out.size(0), out.size(1), multiprocessors),
            1,
            1,
            MatmulHopperTile.THREADS,
            tile.sharedBytes(),
            QuantizedMatmulLauncher.arguments(operands, x.values().size(1), bias, epilogue));
  }
}
