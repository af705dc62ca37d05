package dev.orrery.kernels.linear;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.CudaFunction;
import dev.orrery.kernels.cuda.CudaKernel;
import dev.orrery.kernels.linear.MatmulHopperTile.Work;
import dev.orrery.kernels.tensor.DType;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;

/**
 * Functions of an operation by {@code matmul_hopper.cuh}, of which the type of results and the plan
 * name one: as many blocks as the GPU has multiprocessors walk over tiles of 128 rows.
 */
public final class MatmulHopperFunctions extends CudaKernel {
  private final Set<MatmulHopperTile> tiles;

  private final Map<DType, Map<MatmulHopperTile, CudaFunction>> functions =
      new EnumMap<>(DType.class);

  /** For clusters of two blocks, in the one type that has them. */
  private final Map<MatmulHopperTile, CudaFunction> pairs = new EnumMap<>(MatmulHopperTile.class);

  /**
   * @param stem the source
   * @param base how names of the functions begin
   * @param types of results that it has functions for
   * @param tiles that it has
   */
  public MatmulHopperFunctions(
      CudaDevice device, String stem, String base, Set<DType> types, Set<MatmulHopperTile> tiles) {
    super(device);
    this.tiles = tiles;
    for (DType type : types) {
      Map<MatmulHopperTile, CudaFunction> ofType = new EnumMap<>(MatmulHopperTile.class);
      for (MatmulHopperTile tile : tiles) {
        String name = base + "_hopper" + suffix(type) + tile.suffix();
        ofType.put(tile, device.function(stem, name, tile.sharedBytes()));
        if (type == MatmulHopperPlan.PAIRED) {
          pairs.put(tile, device.function(stem, name + "_pair", tile.sharedBytes()));
        }
      }
      functions.put(type, ofType);
    }
  }

  /** Whether there are functions for a type of results. */
  public boolean has(DType type) {
    return functions.containsKey(type);
  }

  /** As {@link MatmulHopperPlan#fastest}, among its tiles and on its GPU. */
  public MatmulHopperPlan plan(Work work, DType out, long rowBytes) {
    return MatmulHopperPlan.fastest(tiles, work, out, rowBytes, device().multiprocessors());
  }

  /** Launches the function of a plan that was made here. */
  public void launch(DType out, MatmulHopperPlan plan, Object... arguments) {
    MatmulHopperTile tile = plan.tile();
    stream()
        .launch(
            plan.inPairs() ? pairs.get(tile) : functions.get(out).get(tile),
            plan.blocks(device().multiprocessors()),
            1,
            1,
            MatmulHopperTile.THREADS,
            tile.sharedBytes(),
            arguments);
  }
}
