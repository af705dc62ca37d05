package dev.orrery.kernels.linear;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.CudaFunction;
import dev.orrery.kernels.cuda.CudaKernel;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Chooses and launches the kernel of a product, for {@link MatmulCuda} and {@link
 * MatmulResidualCuda}:
 *
 * <ul>
 *   <li>tensor cores for 16-bit products whose rows begin at multiples of 16 bytes: {@code
 *       MatmulHopper.cu} on a Hopper GPU, else {@code Matmul.cu};
 *   <li>{@code MatmulSimt.cu} for all others.
 * </ul>
 *
 * <p>The choice between files does not look at M, and within a file every sum is taken in the same
 * order: a row of a product has the bits of the product of that row.
 */
abstract class MatmulLauncher extends CudaKernel {
  private static final List<DType> SIXTEEN_BIT = List.of(DType.F16, DType.BF16);

  /** Rows of 16-bit elements begin at multiples of 16 bytes if their length is a multiple. */
  private static final int ELEMENTS_PER_16_BYTES = 8;

  /** Tiles of {@code Matmul.cu}, named by their extents. */
  private enum Tile {
    LARGE("_128x128", 128, 256, 64 << 10),
    SMALL("_64x64", 64, 128, 48 << 10);

    final String suffix;
    final int extent;
    final int threads;
    final int sharedBytes;

    Tile(String suffix, int extent, int threads, int sharedBytes) {
      this.suffix = suffix;
      this.extent = extent;
      this.threads = threads;
      this.sharedBytes = sharedBytes;
    }

    long count(int rows, int columns) {
      return (long) Math.ceilDiv(rows, extent) * Math.ceilDiv(columns, extent);
    }
  }

  /** What a warp of {@code MatmulSimt.cu} computes, named by its extents. */
  private enum Patch {
    FEW_ROWS("_4x2", 4, 2),
    MANY_ROWS("_8x8", 8, 8);

    static final int THREADS = 128;
    static final int WARPS = THREADS / 32;

    final String suffix;
    final int rows;
    final int columns;

    Patch(String suffix, int rows, int columns) {
      this.suffix = suffix;
      this.rows = rows;
      this.columns = columns;
    }
  }

  /** Types of a product, whose names are the suffix of its functions. */
  private record Types(DType x, DType weight) {}

  private final Map<Types, Map<Patch, CudaFunction>> simt;
  private final Map<DType, Map<Tile, CudaFunction>> tensorCores;
  private final MatmulHopperLauncher hopper;

  /**
   * @param base how names of the operation's functions begin
   */
  MatmulLauncher(CudaDevice device, String base) {
    super(device);
    simt = simt(device, base);
    tensorCores = device.isHopper() ? Map.of() : tensorCores(device, base);
    hopper = device.isHopper() ? new MatmulHopperLauncher(device, base) : null;
  }

  private static Map<Types, Map<Patch, CudaFunction>> simt(CudaDevice device, String base) {
    Map<Types, Map<Patch, CudaFunction>> functions = new HashMap<>();
    List<Types> products =
        List.of(
            new Types(DType.F32, DType.F32),
            new Types(DType.F32, DType.F16),
            new Types(DType.F32, DType.BF16),
            new Types(DType.F16, DType.F16),
            new Types(DType.BF16, DType.BF16));
    for (Types types : products) {
      Map<Patch, CudaFunction> patches = new EnumMap<>(Patch.class);
      for (Patch patch : Patch.values()) {
        String name = typed(typed(base + "_simt", types.x), types.weight) + patch.suffix;
        patches.put(patch, device.function("MatmulSimt", name));
      }
      functions.put(types, patches);
    }
    return functions;
  }

  private static Map<DType, Map<Tile, CudaFunction>> tensorCores(CudaDevice device, String base) {
    Map<DType, Map<Tile, CudaFunction>> functions = new EnumMap<>(DType.class);
    for (DType type : SIXTEEN_BIT) {
      Map<Tile, CudaFunction> tiles = new EnumMap<>(Tile.class);
      for (Tile tile : Tile.values()) {
        String name = typed(base, type) + tile.suffix;
        tiles.put(tile, device.function("Matmul", name, tile.sharedBytes));
      }
      functions.put(type, tiles);
    }
    return functions;
  }

  /**
   * Launches a product.
   *
   * @param out what the sums go to
   * @param ending the arguments of its functions that only this operation has
   */
  final void launchProduct(Tensor x, Tensor weight, Tensor bias, Tensor out, Object... ending) {
    requireMatrix("weight", weight, x.dtype());
    requireVector("bias", bias);
    if (!suitsTensorCores(x) || !suitsTensorCores(weight)) {
      launchSimt(x, weight, bias, out, ending);
    } else if (hopper != null) {
      hopper.launch(x, weight, bias, out, ending);
    } else {
      launchTensorCores(x, weight, bias, out, ending);
    }
  }

  private static boolean suitsTensorCores(Tensor matrix) {
    return SIXTEEN_BIT.contains(matrix.dtype())
        && matrix.size(1) % ELEMENTS_PER_16_BYTES == 0
        && isAligned(matrix, 16);
  }

  private void launchTensorCores(
      Tensor x, Tensor weight, Tensor bias, Tensor out, Object[] ending) {
    int rows = out.size(0);
    int columns = out.size(1);
    // Large tiles do more arithmetic for each byte they copy, if there is one for each
    // multiprocessor.
    boolean fills = Tile.LARGE.count(rows, columns) >= device().multiprocessors();
    Tile tile = fills ? Tile.LARGE : Tile.SMALL;
    stream()
        .launch(
            tensorCores.get(x.dtype()).get(tile),
            Math.ceilDiv(rows, tile.extent),
            Math.ceilDiv(columns, tile.extent),
            1,
            tile.threads,
            tile.sharedBytes,
            arguments(x, weight, bias, out, x.size(1), ending));
  }

  private void launchSimt(Tensor x, Tensor weight, Tensor bias, Tensor out, Object[] ending) {
    int rows = out.size(0);
    int columns = out.size(1);
    Patch patch = rows <= Patch.FEW_ROWS.rows ? Patch.FEW_ROWS : Patch.MANY_ROWS;
    long patches = (long) Math.ceilDiv(rows, patch.rows) * Math.ceilDiv(columns, patch.columns);
    stream()
        .launch(
            simt.get(new Types(x.dtype(), weight.dtype())).get(patch),
            Math.toIntExact(Math.ceilDiv(patches, Patch.WARPS)),
            1,
            1,
            Patch.THREADS,
            0,
            arguments(x, weight, bias, out, x.size(1), ending));
  }

  /** The name of a function that computes on a type. */
  static String typed(String base, DType type) {
    return base + suffix(type);
  }

  /**
   * The arguments of a function.
   *
   * @param x the tensor, or its map
   * @param weight likewise
   */
  static Object[] arguments(
      Object x, Object weight, Tensor bias, Tensor out, int depth, Object[] ending) {
    Object[] common = {x, weight, bias, out, out.size(0), out.size(1), depth};
    return Stream.concat(Stream.of(common), Stream.of(ending)).toArray();
  }
}
