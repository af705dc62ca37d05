package dev.orrery.kernels.linear;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.CudaFunction;
import dev.orrery.kernels.cuda.CudaKernel;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.EnumMap;
import java.util.EnumSet;
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

  private static final int THREADS = 128;
  private static final int THREADS_OF_LARGE_TILE = 256;

  /** Types of a product, whose names are the suffix of its functions. */
  private record Types(DType x, DType weight) {}

  private static final List<Types> PRODUCTS =
      List.of(
          new Types(DType.F32, DType.F32),
          new Types(DType.F32, DType.F16),
          new Types(DType.F32, DType.BF16),
          new Types(DType.F16, DType.F16),
          new Types(DType.BF16, DType.BF16));

  private final Map<Types, Map<MatmulTile, CudaFunction>> simt = new HashMap<>();
  private final Map<Types, Map<MatmulTile, CudaFunction>> tensorCores = new HashMap<>();
  private final MatmulHopperLauncher hopper;

  /**
   * @param base how names of the operation's functions begin
   */
  MatmulLauncher(CudaDevice device, String base) {
    super(device);
    for (Types types : PRODUCTS) {
      String name = base + "_simt" + suffix(types.x) + suffix(types.weight);
      simt.put(types, functions("MatmulSimt", name, MatmulTile.MANY_ROWS, MatmulTile.FEW_ROWS));
    }
    hopper =
        device.isHopper()
            ? new MatmulHopperLauncher(device, base, EnumSet.copyOf(SIXTEEN_BIT))
            : null;
    if (hopper == null) {
      for (DType type : SIXTEEN_BIT) {
        String name = base + suffix(type);
        tensorCores.put(
            new Types(type, type), functions("Matmul", name, MatmulTile.LARGE, MatmulTile.SMALL));
      }
    }
  }

  private Map<MatmulTile, CudaFunction> functions(String stem, String name, MatmulTile... tiles) {
    Map<MatmulTile, CudaFunction> functions = new EnumMap<>(MatmulTile.class);
    for (MatmulTile tile : tiles) {
      functions.put(tile, device().function(stem, name + tile.suffix(), tile.sharedBytes()));
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
    int rows = out.size(0);
    if (!suitsTensorCores(x) || !suitsTensorCores(weight)) {
      launch(simt, MatmulTile.ofWarps(rows), x, weight, bias, out, ending);
    } else if (hopper != null) {
      hopper.launch(x, weight, bias, out, ending);
    } else {
      int multiprocessors = device().multiprocessors();
      MatmulTile tile = MatmulTile.onTensorCores(rows, out.size(1), multiprocessors);
      launch(tensorCores, tile, x, weight, bias, out, ending);
    }
  }

  /** Whether a matrix can be an operand of tensor cores. */
  static boolean suitsTensorCores(Tensor matrix) {
    return SIXTEEN_BIT.contains(matrix.dtype())
        && matrix.size(1) % ELEMENTS_PER_16_BYTES == 0
        && isAligned(matrix, 16);
  }

  private void launch(
      Map<Types, Map<MatmulTile, CudaFunction>> functions,
      MatmulTile tile,
      Tensor x,
      Tensor weight,
      Tensor bias,
      Tensor out,
      Object[] ending) {
    stream()
        .launch(
            functions.get(new Types(x.dtype(), weight.dtype())).get(tile),
            tile.gridX(out),
            tile.gridY(out),
            1,
            tile == MatmulTile.LARGE ? THREADS_OF_LARGE_TILE : THREADS,
            tile.sharedBytes(),
            arguments(x, weight, bias, out, x.size(1), ending));
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
