package dev.orrery.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.orrery.kernels.KernelHarness;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every tile, whichever this machine would choose, against one scalar chain for each sum. */
class SimdTileTest {
  private static final int COLUMNS = SimdTile.COLUMNS;

  private interface Tile {
    void run(
        float[] a,
        int aAt,
        float[] b,
        int bAt,
        int depth,
        float[] c,
        int cAt,
        int cStride,
        boolean add);
  }

  @ParameterizedTest
  @CsvSource({"0, false", "1, false", "1, true", "2, true", "7, false", "64, true"})
  void everySumIsOneChain(int depth, boolean accumulate) {
    check(SimdTile6::run, SimdTile6.ROWS, depth, accumulate);
    check(SimdTile12::run, SimdTile12.ROWS, depth, accumulate);
  }

  private static void check(Tile tile, int rows, int depth, boolean accumulate) {
    int stride = COLUMNS + 3;
    float[] a = values(1, 5 + depth * rows);
    float[] b = values(2, 9 + depth * COLUMNS);
    float[] c = values(3, 4 + rows * stride);
    float[] expected = c.clone();
    for (int r = 0; r < rows; r++) {
      for (int n = 0; n < COLUMNS; n++) {
        float sum = 0;
        for (int k = 0; k < depth; k++) {
          sum = Math.fma(a[5 + k * rows + r], b[9 + k * COLUMNS + n], sum);
        }
        int at = 4 + r * stride + n;
        expected[at] = accumulate ? sum + c[at] : sum;
      }
    }
    tile.run(a, 5, b, 9, depth, c, 4, stride, accumulate);
    for (int i = 0; i < c.length; i++) {
      assertEquals(expected[i], c[i], rows + " rows, depth " + depth + ", value " + i);
    }
  }

  private static float[] values(long seed, int count) {
    float[] values = new float[count];
    FloatView.of(KernelHarness.normal(seed, count)).copy(0, values, 0, count);
    return values;
  }
}
