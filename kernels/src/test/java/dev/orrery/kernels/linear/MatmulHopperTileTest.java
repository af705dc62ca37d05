package dev.orrery.kernels.linear;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which tiles are chosen; that all of them are right is tested by {@link MatmulCudaTest}. */
class MatmulHopperTileTest {
  /** Three frames of Matrix-Game 2.0 and an image of its image encoder on an H200. */
  @ParameterizedTest
  @CsvSource({
    "2640, 1536, WIDE",
    "2640, 8960, WIDE",
    "2640, 3072, WIDE",
    "2640, 1024, MIDDLE",
    "2640, 64, NARROW",
    "257, 5120, NARROW",
    "257, 1280, NARROW",
    "3, 9216, NARROW"
  })
  void fewRoundsOfLittleTraffic(int rows, int columns, MatmulHopperTile tile) {
    assertEquals(tile, MatmulHopperTile.fastest(rows, columns, 132));
  }

  /** Sizes that the tests on the emulated GPU use, with one round and with several. */
  @ParameterizedTest
  @CsvSource({
    "130, 390, WIDE",
    "520, 510, WIDE",
    "129, 257, MIDDLE",
    "130, 576, MIDDLE",
    "130, 136, NARROW",
    "600, 120, NARROW"
  })
  void onFourMultiprocessors(int rows, int columns, MatmulHopperTile tile) {
    assertEquals(tile, MatmulHopperTile.fastest(rows, columns, 4));
  }
}
