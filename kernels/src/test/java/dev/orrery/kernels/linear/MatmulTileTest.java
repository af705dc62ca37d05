package dev.orrery.kernels.linear;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which tile is chosen and how many blocks cover a product with it. */
class MatmulTileTest {
  /** Large tiles where each of the four multiprocessors gets one. */
  @ParameterizedTest
  @CsvSource({"256, 256, LARGE", "129, 129, LARGE", "128, 512, LARGE", "128, 384, SMALL"})
  void tensorCoresTakeLargeTilesIfTheyFillTheGpu(int rows, int columns, MatmulTile tile) {
    assertEquals(tile, MatmulTile.onTensorCores(rows, columns, 4));
  }

  @ParameterizedTest
  @CsvSource({"1, FEW_ROWS", "4, FEW_ROWS", "5, MANY_ROWS"})
  void warpsTakeSmallTilesOfFewRows(int rows, MatmulTile tile) {
    assertEquals(tile, MatmulTile.ofWarps(rows));
  }

  /** Blocks of tensor cores have one tile each, blocks of warps four, whatever its place. */
  @ParameterizedTest
  @CsvSource({
    "LARGE, 129, 256, 2, 2",
    "SMALL, 129, 256, 3, 4",
    "MANY_ROWS, 9, 17, 2, 1",
    "FEW_ROWS, 4, 9, 2, 1"
  })
  void gridCoversTheProduct(MatmulTile tile, int rows, int columns, int gridX, int gridY) {
    Shape shape = Shape.of(rows, columns);
    Tensor out = Tensor.host(DType.F32, shape, Arena.ofAuto().allocate(4 * shape.elements(), 4));
    assertEquals(gridX, tile.gridX(out));
    assertEquals(gridY, tile.gridY(out));
  }

  @Test
  void functionsAreNamedByTheExtents() {
    assertEquals("_128x128", MatmulTile.LARGE.suffix());
    assertEquals("_4x2", MatmulTile.FEW_ROWS.suffix());
  }
}
