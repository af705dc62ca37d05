package dev.orrery.kernels.conv;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.cpu.LaneSums;
import dev.orrery.kernels.cpu.SimdTile;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every tile, whichever this machine would choose, against one scalar chain for each sum. */
class ConvTileSimdTest {
  private static final int LANES = SimdTile.LANES;
  private static final int COLUMNS = SimdTile.COLUMNS;

  private interface Tile {
    void run(
        float[] a,
        int aAt,
        int[] offsets,
        int from,
        int to,
        float[] b,
        int bAt,
        float[] c,
        int cAt);
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "0, 1", "3, 40"})
  void everySumIsOneChain(int from, int to) {
    check(ConvTile6Simd::wide, ConvTile6Simd.PIXELS, COLUMNS, from, to);
    check(ConvTile6Simd::narrow, 2 * ConvTile6Simd.PIXELS, LANES, from, to);
    check(ConvTile8Simd::wide, ConvTile8Simd.PIXELS, COLUMNS, from, to);
    check(ConvTile12Simd::wide, ConvTile12Simd.PIXELS, COLUMNS, from, to);
    check(ConvTile12Simd::narrow, 2 * ConvTile12Simd.PIXELS, LANES, from, to);
  }

  private static void check(Tile tile, int pixels, int columns, int from, int to) {
    int[] offsets = new int[to];
    for (int k = 0; k < to; k++) {
      offsets[k] = k * 29 % 40;
    }
    float[] a = values(1, 7 + 40 + pixels);
    float[] b = values(2, 9 + (to - from) * columns);
    float[] c = values(3, 4 + pixels * columns + 5);
    float[] expected = c.clone();
    for (int r = 0; r < pixels; r++) {
      for (int n = 0; n < columns; n++) {
        float sum = 0;
        for (int k = from; k < to; k++) {
          sum = Math.fma(a[7 + offsets[k] + r], b[9 + (k - from) * columns + n], sum);
        }
        expected[4 + r * columns + n] += sum;
      }
    }
    tile.run(a, 7, offsets, from, to, b, 9, c, 4);
    for (int i = 0; i < c.length; i++) {
      assertEquals(expected[i], c[i], pixels + " pixels by " + columns + ", value " + i);
    }
  }

  private interface ChannelTile {
    void run(
        float[] a,
        int aAt,
        int step,
        int[] runs,
        int from,
        int to,
        int length,
        float[] b,
        int bAt,
        float[] c,
        int cAt);
  }

  @ParameterizedTest
  @CsvSource({"0, 0, 16", "0, 1, 16", "1, 3, 48"})
  void everyPartOfASumAlongChannelsIsOneChain(int from, int to, int length) {
    check(ConvChannelTileSimd::wide, ConvChannelTileSimd.WIDE, from, to, length);
    check(ConvChannelTileSimd::narrow, ConvChannelTileSimd.NARROW, from, to, length);
  }

  private static void check(ChannelTile tile, int pixels, int from, int to, int length) {
    int parts = LaneSums.PARTS;
    int channels = ConvChannelTileSimd.CHANNELS;
    int step = 19;
    int[] runs = {3, 70, 31};
    float[] a = values(1, 7 + 70 + pixels * step + length);
    float[] b = values(2, 9 + (to - from) * length * channels);
    float[] c = values(3, 4 + pixels * channels * parts + 5);
    float[] expected = c.clone();
    for (int i = 0; i < pixels * channels * parts; i++) {
      int part = i % parts;
      // A vector holds these parts; the others are left to other calls.
      if (part < LANES) {
        int at = 7 + i / parts / channels * step;
        int weightAt = 9 + i / parts % channels * parts + part;
        for (int n = from; n < to; n++) {
          for (int k = part; k < length; k += parts) {
            int weight = weightAt + ((n - from) * length + k - part) * channels;
            expected[4 + i] = Math.fma(a[at + runs[n] + k], b[weight], expected[4 + i]);
          }
        }
      }
    }
    tile.run(a, 7, step, runs, from, to, length, b, 9, c, 4);
    for (int i = 0; i < c.length; i++) {
      assertEquals(expected[i], c[i], pixels + " pixels, value " + i);
    }
  }

  private static float[] values(long seed, int count) {
    float[] values = new float[count];
    FloatView.of(KernelHarness.normal(seed, count)).copy(0, values, 0, count);
    return values;
  }
}
