package dev.orrery.kernels.linear;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.CudaFunction;
import dev.orrery.kernels.cuda.TensorMap;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.EnumMap;
import java.util.Map;

/**
 * Launches {@code MatmulHopper.cu}: as many blocks as the GPU has multiprocessors walk over tiles
 * of 128 rows, whose width is chosen for each product.
 */
final class MatmulHopperLauncher {
  private static final int TILE_ROWS = 128;

  /** Elements along K of a box: the 128 bytes of the swizzle. */
  private static final int DEPTH = 64;

  private static final int THREADS = 384;

  /** Tiles, named by their extents. */
  enum Tile {
    WIDE(256, 4),
    MIDDLE(192, 4),
    NARROW(128, 6);

    /** A stage of fp32 sums for each of eight warps: 16 rows of 64. */
    static final int STAGING_BYTES = 8 * 16 * 64 * Float.BYTES;

    final int columns;
    final int sharedBytes;

    Tile(int columns, int stages) {
      this.columns = columns;
      int slot = (TILE_ROWS + columns) * DEPTH * Short.BYTES;
      int barriers = 2 * stages * Long.BYTES;
      sharedBytes = stages * slot + STAGING_BYTES + barriers;
    }

    String suffix() {
      return "_" + TILE_ROWS + "x" + columns;
    }

    long count(int rows, int width) {
      return (long) Math.ceilDiv(rows, TILE_ROWS) * Math.ceilDiv(width, columns);
    }

    /**
     * Time of a product in units that the tiles share: rounds of all multiprocessors, times the
     * rows of 128 bytes that pass through shared memory for 64 of K. Those are written once, {@code
     * 128 + columns}, and read by two warp groups of 64 rows each, {@code 2 (64 + columns)}.
     */
    long time(int rows, int width, int multiprocessors) {
      return Math.ceilDiv(count(rows, width), multiprocessors) * (256L + 3L * columns);
    }
  }

  private final CudaDevice device;
  private final Map<DType, Map<Tile, CudaFunction>> functions = new EnumMap<>(DType.class);

  /**
   * @param base how names of the operation's functions begin
   */
  MatmulHopperLauncher(CudaDevice device, String base) {
    this.device = device;
    for (DType type : new DType[] {DType.F16, DType.BF16}) {
      Map<Tile, CudaFunction> tiles = new EnumMap<>(Tile.class);
      for (Tile tile : Tile.values()) {
        String name = MatmulLauncher.typed(base + "_hopper", type) + tile.suffix();
        tiles.put(tile, device.function("MatmulHopper", name, tile.sharedBytes));
      }
      functions.put(type, tiles);
    }
  }

  /** Launches a product; arguments as those of {@link MatmulLauncher#launchProduct}. */
  void launch(Tensor x, Tensor weight, Tensor bias, Tensor out, Object[] ending) {
    int rows = out.size(0);
    int columns = out.size(1);
    Tile tile = fastest(rows, columns, device.multiprocessors());
    device.stream()
        .launch(
            functions.get(x.dtype()).get(tile),
            (int) Math.min(device.multiprocessors(), tile.count(rows, columns)),
            1,
            1,
            THREADS,
            tile.sharedBytes,
            MatmulLauncher.arguments(
                boxes(x, TILE_ROWS), boxes(weight, tile.columns), bias, out, x.size(1), ending));
  }

  /** The tile that takes the least time for a product. */
  static Tile fastest(int rows, int columns, int multiprocessors) {
    Tile fastest = Tile.WIDE;
    for (Tile tile : Tile.values()) {
      if (tile.time(rows, columns, multiprocessors)
          < fastest.time(rows, columns, multiprocessors)) {
        fastest = tile;
      }
    }
    return fastest;
  }

  /** Boxes of some rows of a matrix. */
  private static TensorMap boxes(Tensor matrix, int rows) {
    long[] extents = {matrix.size(1), matrix.size(0)};
    long[] strides = {matrix.size(1)};
    return TensorMap.of(matrix, extents, strides, DEPTH, rows);
  }
}
