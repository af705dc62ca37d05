package dev.orrery.kernels.linear;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.CudaFunction;
import dev.orrery.kernels.cuda.CudaKernel;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Chooses and launches the function of a product of {@link ScaledRows} of one byte an element:
 * tiles on tensor cores where all rows begin at multiples of 16 bytes, else patches of sums by
 * warps. The choice between the two does not look at M, and within each every sum is taken in the
 * same order: a row of a product has the bits of the product of that row.
 */
abstract class CudaScaledMatmul extends CudaKernel {
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

    long count(Tensor out) {
      return (long) Math.ceilDiv(out.size(0), rows) * Math.ceilDiv(out.size(1), columns);
    }
  }

  private final Map<DType, Map<Part, CudaFunction>> storing;
  private final Map<DType, Map<Part, CudaFunction>> adding;

  /**
   * @param stem the source
   * @param base how names of its functions begin
   */
  CudaScaledMatmul(CudaDevice device, String stem, String base) {
    super(device);
    storing = functions(device, stem, base);
    adding = functions(device, stem, base + "_residual");
  }

  private static Map<DType, Map<Part, CudaFunction>> functions(
      CudaDevice device, String stem, String base) {
    Map<DType, Map<Part, CudaFunction>> functions = new EnumMap<>(DType.class);
    for (DType type : new DType[] {DType.F32, DType.F16, DType.BF16}) {
      Map<Part, CudaFunction> parts = new EnumMap<>(Part.class);
      for (Part part : Part.values()) {
        String name = base + suffix(type) + part.suffix;
        parts.put(part, device.function(stem, name, part.sharedBytes));
      }
      functions.put(type, parts);
    }
    return functions;
  }

  /** Launches a product. */
  final void launchProduct(ScaledRows x, ScaledRows weight, Tensor bias, LinearEnd end) {
    requireVector("bias", bias);
    switch (end) {
      case LinearEnd.Store(Activation activation, Tensor out) ->
          launchProduct(storing, x, weight, bias, out, activation.ordinal());
      case LinearEnd.AddTo(Tensor gate, Tensor residual) ->
          launchProduct(
              adding,
              x,
              weight,
              bias,
              residual,
              gate,
              MatmulResidualCuda.rowsPerFrame(residual, gate));
    }
  }

  private void launchProduct(
      Map<DType, Map<Part, CudaFunction>> functions,
      ScaledRows x,
      ScaledRows weight,
      Tensor bias,
      Tensor out,
      Object... ending) {
    Object[] common = {
      x.values(),
      x.scales(),
      weight.values(),
      weight.scales(),
      bias,
      out,
      out.size(0),
      out.size(1),
      x.values().size(1)
    };
    Object[] arguments = Stream.concat(Stream.of(common), Stream.of(ending)).toArray();
    boolean tiles = suitsTensorCores(x.values()) && suitsTensorCores(weight.values());
    Part part = tiles ? tile(out) : patch(out);
    int along = tiles ? Math.ceilDiv(out.size(0), part.rows) : blocksOfPatches(part, out);
    int across = tiles ? Math.ceilDiv(out.size(1), part.columns) : 1;
    CudaFunction function = functions.get(out.dtype()).get(part);
    stream().launch(function, along, across, 1, part.threads, part.sharedBytes, arguments);
  }

  private static boolean suitsTensorCores(Tensor matrix) {
    return matrix.size(1) % TENSOR_CORE_ALIGNMENT == 0 && isAligned(matrix, TENSOR_CORE_ALIGNMENT);
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
