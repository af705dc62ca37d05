package dev.orrery.kernels.linear.quantized;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.CudaFunction;
import dev.orrery.kernels.cuda.CudaKernel;
import dev.orrery.kernels.cuda.TensorMap;
import dev.orrery.kernels.linear.Epilogue;
import dev.orrery.kernels.linear.Matmul;
import dev.orrery.kernels.linear.MatmulHopperTile;
import dev.orrery.kernels.linear.MatmulHopperTile.Work;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
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

  /** For several layers in bf16, which transformers compute in. */
  private final Map<DType, Map<MatmulHopperTile, CudaFunction>> joint;

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
    joint = functions(stem, base + "_joint", EnumSet.of(DType.BF16));
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
    Work work = new Work(out.size(0), out.size(1));
    MatmulHopperTile tile = MatmulHopperTile.fastest(tiles, work, device().multiprocessors());
    Map<DType, Map<MatmulHopperTile, CudaFunction>> functions =
        epilogue instanceof Epilogue.Store ? storing : adding;
    Object[] operands = {
      TensorMap.ofMatrix(x.values(), MatmulHopperTile.ROWS),
      x.scales(),
      TensorMap.ofMatrix(weight.values(), tile.columns()),
      weight.scales()
    };
    launch(
        functions.get(out.dtype()).get(tile),
        tile,
        work,
        QuantizedMatmulLauncher.arguments(operands, x.values().size(1), bias, epilogue));
  }

  /** Whether it has several layers in one launch. */
  boolean has(ScaledRows x, List<ScaledProduct.Layer> layers) {
    return layers.size() > 1
        && joint.containsKey(layers.getFirst().out().dtype())
        && layers.stream()
            .allMatch(layer -> ScaledMatmulLauncher.suitTensorCores(x, layer.weight()));
  }

  /** Launches layers that it has. */
  void launch(ScaledRows x, List<ScaledProduct.Layer> layers) {
    Tensor out = layers.getFirst().out();
    if (out.elements() == 0) {
      return;
    }
    Work work = new Work(layers.size(), out.size(0), out.size(1));
    MatmulHopperTile tile = MatmulHopperTile.fastest(tiles, work, device().multiprocessors());
    List<Object> arguments = new ArrayList<>();
    arguments.add(TensorMap.ofMatrix(x.values(), MatmulHopperTile.ROWS));
    arguments.addAll(List.of(x.scales(), layers.size()));
    for (int i = 0; i < Matmul.MOST_LAYERS; i++) {
      // Where there is none, another one stands.
      ScaledProduct.Layer layer = layers.get(Math.min(i, layers.size() - 1));
      requireVector("bias", layer.bias());
      arguments.add(TensorMap.ofMatrix(layer.weight().values(), tile.columns()));
      arguments.addAll(Arrays.asList(layer.weight().scales(), layer.bias(), layer.out()));
    }
    arguments.addAll(List.of(out.size(0), out.size(1), x.values().size(1)));
    launch(joint.get(out.dtype()).get(tile), tile, work, arguments.toArray());
  }

  private void launch(CudaFunction function, MatmulHopperTile tile, Work work, Object[] arguments) {
    stream()
        .launch(
            function,
            tile.blocks(work, device().multiprocessors()),
            1,
            1,
            MatmulHopperTile.THREADS,
            tile.sharedBytes(),
            arguments);
  }
}
