package dev.orrery.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.orrery.kernels.KernelHarness;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PanelsTest {
  private static final int COLUMNS = 301;

  @ParameterizedTest
  @CsvSource({"1, 1", "1, 256", "12, 16", "5, 13", "32, 207", "16, 100", "6, 31", "31, 1"})
  void packsEveryValueAndZeroesMissingRows(int rows, int depth) {
    FloatView matrix = FloatView.of(KernelHarness.normal(1, 40, COLUMNS));
    float[] work = new float[Panels.workLength(depth)];
    int row = 3;
    int column = 44;
    for (int width : new int[] {SimdTile.ROWS, SimdTile.COLUMNS}) {
      int rounded = Math.ceilDiv(depth, SimdTile.LANES) * SimdTile.LANES;
      float[] panel = new float[7 + rounded * width + SimdTile.LANES];
      Arrays.fill(panel, Float.NaN);
      Panels.pack(matrix, row, rows, COLUMNS, column, depth, panel, 7, width, work);
      for (int k = 0; k < depth; k++) {
        for (int r = 0; r < width; r++) {
          float expected = r < rows ? matrix.get((long) (row + r) * COLUMNS + column + k) : 0;
          assertEquals(expected, panel[7 + k * width + r], "row " + r + " at depth " + k);
        }
      }
      assertEquals(Float.NaN, panel[6], "written before the panel");
    }
  }
}
