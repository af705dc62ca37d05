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
 * where they can be, else patches of sums by warps. The choice between the two does not look at M,
 * and within each every sum is taken in the same order: a row of a product has the bits of the
 * product of that row.
 */
abstract class QuantizedMatmulLauncher extends CudaKernel {
  private static final int TENSOR_CORE_ALIGNMENT = 16;

  /** What a block computes, named by the extents of a tile, or of the patch of one of its warps. */
  private enum Part {
    LARGE_TILE("_128x128", 128, 128, 128, 64 << 10),
    SMALL_TILE("_64x64", 64, 64, 128, 48 << 10),
    LARGE_PATCH("_8x8", 8, 8, 128, 0),
    SMALL_PATCH("_4x2", 4, 2, 128, 0);

    static final int PATCHES_OF_A_BLOCK = 4;

    final String suffix;
    final int rows;
    final int columns;
    final int threads;
    final int sharedBytes;

    Part(String suffix, int rows, int columns, int threads, int sharedBytes) {
      this.suffix = suffix;
      this.rows = rows;
      this.columns = columns;
      this.threads = threads;
      this.sharedBytes = sharedBytes;
    }

    boolean isTile() {
      return this == LARGE_TILE || this == SMALL_TILE;
    }

    long count(Tensor out) {
      return (long) Math.ceilDiv(out.size(0), rows) * Math.ceilDiv(out.size(1), columns);
    }
  }

  private final Map<DType, Map<Part, CudaFunction>> storing;
  private final Map<DType, Map<Part, CudaFunction>> adding;

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

  private static Map<DType, Map<Part, CudaFunction>> functions(
      CudaDevice device, String stem, String base, Set<DType> tiled) {
    Map<DType, Map<Part, CudaFunction>> functions = new EnumMap<>(DType.class);
    for (DType type : new DType[] {DType.F32, DType.F16, DType.BF16}) {
      Map<Part, CudaFunction> parts = new EnumMap<>(Part.class);
      for (Part part : Part.values()) {
        if (!part.isTile() || tiled.contains(type)) {
          String name = base + suffix(type) + part.suffix;
          parts.put(part, device.function(stem, name, part.sharedBytes));
        }
      }
      functions.put(type, parts);
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
   * @param tiles whether it is one for tensor cores
   */
  final void launchProduct(
      Object[] operands, int depth, boolean tiles, Tensor bias, Epilogue epilogue) {
    requireVector("bias", bias);
    Tensor out = epilogue.target();
    Part part = tiles ? tile(out) : patch(out);
    int along = tiles ? Math.ceilDiv(out.size(0), part.rows) : blocksOfPatches(part, out);
    int across = tiles ? Math.ceilDiv(out.size(1), part.columns) : 1;
    CudaFunction function =
        (epilogue instanceof Epilogue.Store ? storing : adding).get(out.dtype()).get(part);
    stream()
        .launch(
            function,
            along,
            across,
            1,
            part.threads,
            part.sharedBytes,
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
      case Epilogue.Store store -> new Object[] {store.activation().ordinal()};
      case Epilogue.AddTo(Tensor gate, Tensor residual) ->
          new Object[] {gate, MatmulResidualCuda.rowsPerFrame(residual, gate)};
    };
  }

  /** Large tiles do more arithmetic for each byte, if there is one for each multiprocessor. */
  private Part tile(Tensor out) {
    boolean fills = Part.LARGE_TILE.count(out) >= device().multiprocessors();
    return fills ? Part.LARGE_TILE : Part.SMALL_TILE;
  }

  private static Part patch(Tensor out) {
    return out.size(0) <= Part.SMALL_PATCH.rows ? Part.SMALL_PATCH : Part.LARGE_PATCH;
  }

  private static int blocksOfPatches(Part patch, Tensor out) {
    return Math.toIntExact(Math.ceilDiv(patch.count(out), Part.PATCHES_OF_A_BLOCK));
  }
}
