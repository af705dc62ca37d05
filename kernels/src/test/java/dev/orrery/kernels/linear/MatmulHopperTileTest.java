package dev.orrery.kernels.linear;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.orrery.kernels.linear.MatmulHopperTile.Work;
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
    assertEquals(tile, MatmulHopperTile.fastest(new Work(rows, columns), 132));
  }

  /**
   * Tiles of queries, keys and values fill rounds together: 1008 tiles of 128 x 256 are 8 rounds,
   * three times 336 are 9; 252 are 2, where each layer alone takes one of 126 tiles of 128 x 192.
   */
  @ParameterizedTest
  @CsvSource({
    "3, 3520, 3072, WIDE",
    "3, 2640, 1536, WIDE",
    "3, 2640, 1024, WIDE",
    "2, 3, 1024, NARROW",
    "1, 3, 1024, NARROW"
  })
  void layersShareRounds(int layers, int rows, int columns, MatmulHopperTile tile) {
    assertEquals(tile, MatmulHopperTile.fastest(new Work(layers, rows, columns), 132));
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
    assertEquals(tile, MatmulHopperTile.fastest(new Work(rows, columns), 4));
  }
}
