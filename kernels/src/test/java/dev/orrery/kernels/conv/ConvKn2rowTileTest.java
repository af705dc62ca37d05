package dev.orrery.kernels.conv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Which convolutions are taken; that they are right is tested by {@link CausalConv3dCudaTest}. */
class ConvKn2rowTileTest {
  /** Shared memory that a block of Hopper may have. */
  private static final int MOST_SHARED_BYTES = 227 << 10;

  @ParameterizedTest
  @CsvSource({
    "3, 96, 3, F16, 1, true",
    "3, 256, 12, BF16, 1, true",
    "3, 32, 1, F16, 1, true",
    "3, 96, 3, F32, 1, false",
    "3, 96, 3, F16, 2, false",
    "1, 96, 3, F16, 1, false",
    "5, 96, 3, F16, 1, false",
    "3, 24, 3, F16, 1, false",
    "3, 36, 3, F16, 1, false",
    "3, 96, 13, F16, 1, false"
  })
  void takesFewOutputChannels(
      int size, int inChannels, int outChannels, DType dtype, int stride, boolean taken) {
    Shape weight = Shape.of(3, size, size, inChannels, outChannels);
    assertEquals(taken, ConvKn2rowTile.take(dtype, weight, stride));
  }

  @ParameterizedTest
  @CsvSource({"1, UP_TO_4", "3, UP_TO_4", "4, UP_TO_4", "5, UP_TO_12", "12, UP_TO_12"})
  void hasRoomForTheOutputChannels(int outChannels, ConvKn2rowTile tile) {
    assertEquals(tile, ConvKn2rowTile.of(outChannels));
  }

  /** The head of Matrix-Game 2.0: 26 x 46 tiles of 14 x 14 outputs a frame. */
  @Test
  void tilesOverlapByTheKernel() {
    assertEquals(4 * 26 * 46, ConvKn2rowTile.UP_TO_4.count(Shape.of(4, 352, 640, 3)));
  }

  @ParameterizedTest
  @EnumSource
  void fitsTheSharedMemory(ConvKn2rowTile tile) {
    assertTrue(tile.sharedBytes() <= MOST_SHARED_BYTES, tile + ": " + tile.sharedBytes());
  }
}
