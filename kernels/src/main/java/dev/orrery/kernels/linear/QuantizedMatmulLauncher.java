package dev.orrery.kernels.linear;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.CudaFunction;
import dev.orrery.kernels.cuda.CudaKernel;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Chooses and launches the function of a product over a quantised weight: tiles on tensor cores
 * where they can be, else tiles by warps without them. The choice between the two does not look at
 * M, and within each every sum is taken in the same order: a row of a product has the bits of the
 * product of that row.
 */
abstract class QuantizedMatmulLauncher extends CudaKernel {
  private static final int TENSOR_CORE_ALIGNMENT = 16;

  private static final int THREADS = 128;

  private final Map<DType, Map<MatmulTile, CudaFunction>> storing;
  private final Map<DType, Map<MatmulTile, CudaFunction>> adding;

  /**
   * @param stem the source
   * @param base how names of its functions begin
   * @param tiled types of results that it has tiles for
   */
  QuantizedMatmulLauncher(CudaDevice device, String stem, String base, Set<DType> tiled) {
    super(device);
    storing = functions(device, stem, base, tiled);
    adding = functions(device, stem, base + "_residual", tiled);
  }

  private static Map<DType, Map<MatmulTile, CudaFunction>> functions(
      CudaDevice device, String stem, String base, Set<DType> tiled) {
    Map<DType, Map<MatmulTile, CudaFunction>> functions = new EnumMap<>(DType.class);
    for (DType type : new DType[] {DType.F32, DType.F16, DType.BF16}) {
      Map<MatmulTile, CudaFunction> tiles = new EnumMap<>(MatmulTile.class);
      for (MatmulTile tile : MatmulTile.values()) {
        if (!tile.needsTensorCores() || tiled.contains(type)) {
          String name = base + suffix(type) + tile.suffix();
          tiles.put(tile, device.function(stem, name, tile.sharedBytes()));
        }
      }
      functions.put(type, tiles);
    }
    return functions;
  }

  /** Whether all rows of a matrix begin where copies for tensor cores may. */
  static boolean suitsTensorCores(Tensor matrix) {
    int rowBytes = matrix.size(1) * matrix.dtype().byteSize();
    return rowBytes % TENSOR_CORE_ALIGNMENT == 0 && isAligned(matrix, TENSOR_CORE_ALIGNMENT);
  }

  /**
   * Launches a product.
   *
   * @param operands the first arguments of its functions
   * @param depth K
   * @param onTensorCores whether it is one for tensor cores
   */
  final void launchProduct(
      Object[] operands, int depth, boolean onTensorCores, Tensor bias, Epilogue epilogue) {
    requireVector("bias", bias);
    Tensor out = epilogue.target();
    MatmulTile tile =
        onTensorCores
            ? MatmulTile.onTensorCores(out.size(0), out.size(1), device().multiprocessors())
            : MatmulTile.ofWarps(out.size(0));
    CudaFunction function =
        (epilogue instanceof Epilogue.Store ? storing : adding).get(out.dtype()).get(tile);
    stream()
        .launch(
            function,
            tile.gridX(out),
            tile.gridY(out),
            1,
            THREADS,
            tile.sharedBytes(),
            arguments(operands, depth, bias, epilogue));
  }

  /** The arguments of a function. */
  static Object[] arguments(Object[] operands, int depth, Tensor bias, Epilogue epilogue) {
    Tensor out = epilogue.target();
    Object[] common = {bias, out, out.size(0), out.size(1), depth};
    return Stream.of(operands, common, ending(epilogue)).flatMap(Stream::of).toArray();
  }

  /** The last arguments of a function. */
  private static Object[] ending(Epilogue epilogue) {
    return switch (epilogue) {
      case Epilogue.Store store -> new Object[] {store.activation().code()};
      case Epilogue.AddTo(Tensor gate, Tensor residual) ->
          new Object[] {gate, MatmulResidual.rowsPerFrame(residual, gate)};
    };
  }
}
