package dev.orrery.kernels.conv;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which tiles are chosen; that all of them are right is tested by {@link CausalConv3dCudaTest}. */
class ConvHopperTileTest {
  /** Layers of the autoencoders of Matrix-Game 2.0 and WorldPlay-5B on an H200. */
  @ParameterizedTest
  @CsvSource({
    "1, 44, 80, 384, 3, SMALL_96",
    "2, 88, 160, 384, 3, SMALL_128",
    "4, 176, 320, 192, 3, LARGE_96",
    "4, 352, 640, 96, 3, LARGE_96",
    "1, 44, 80, 1024, 3, LARGE_128",
    "4, 352, 640, 256, 3, LARGE_128"
  })
  void fewRoundsOfBusyUnits(
      int frames, int rows, int columns, int channels, int kernelRows, ConvHopperTile tile) {
    Shape out = Shape.of(frames, rows, columns, channels);
    assertEquals(tile, ConvHopperTile.fastest(out, kernelRows, 1, 132));
  }

  /** Sizes that the tests on the emulated GPU use. */
  @ParameterizedTest
  @CsvSource({
    "2, 11, 13, 96, 3, SMALL_96",
    "2, 11, 20, 96, 3, LARGE_96",
    "3, 17, 10, 128, 3, SMALL_128",
    "2, 15, 17, 128, 3, LARGE_128"
  })
  void onFourMultiprocessors(
      int frames, int rows, int columns, int channels, int kernelRows, ConvHopperTile tile) {
    Shape out = Shape.of(frames, rows, columns, channels);
    assertEquals(tile, ConvHopperTile.fastest(out, kernelRows, 1, 4));
  }

  /** A kernel of three rows sees 2 n + 1 of them with a stride of two, in boxes of n + 1 each. */
  @ParameterizedTest
  @CsvSource({
    "LARGE_96, 3, 1, 18",
    "LARGE_96, 3, 2, 34",
    "LARGE_96, 2, 2, 32",
    "LARGE_96, 1, 2, 16",
    "SMALL_128, 3, 2, 18"
  })
  void rowsOfABoxLieAStrideApart(ConvHopperTile tile, int kernelRows, int stride, int rows) {
    assertEquals(rows, tile.pixelRows(kernelRows, stride));
  }

  /** Downsampling layers of the encoders of Matrix-Game 2.0 and of the U-Net of Vid2World. */
  @ParameterizedTest
  @CsvSource({
    "4, 176, 320, 96, LARGE_96",
    "4, 88, 160, 192, LARGE_96",
    "2, 44, 80, 384, LARGE_96",
    "10, 20, 32, 320, LARGE_128",
    "10, 10, 16, 640, SMALL_128"
  })
  void fewRoundsOfBusyUnitsWithAStride(
      int frames, int rows, int columns, int channels, ConvHopperTile tile) {
    assertEquals(
        tile, ConvHopperTile.fastest(Shape.of(frames, rows, columns, channels), 3, 2, 132));
  }

  /** What the kernels leave to others. */
  @ParameterizedTest
  @CsvSource({
    "3, 96, 96, F16, 1, ZEROS, 33, true",
    "1, 8, 64, BF16, 1, ZEROS, 33, true",
    "3, 96, 96, F32, 1, ZEROS, 33, false",
    "3, 96, 96, F16, 2, ZEROS, 33, true",
    "3, 96, 96, F16, 3, ZEROS, 33, false",
    "3, 96, 96, F16, 2, REPEATED, 34, false",
    "3, 96, 96, F16, 1, REPEATED, 34, true",
    "3, 96, 96, F16, 1, REPEATED, 33, false", // the last box has no pixel of the frame
    "1, 96, 96, F16, 1, REPEATED, 33, true",
    "5, 96, 96, F16, 1, ZEROS, 33, false",
    "3, 3, 96, F16, 1, ZEROS, 33, false",
    "3, 96, 100, F16, 1, ZEROS, 33, false",
    "3, 96, 56, F16, 1, ZEROS, 33, false"
  })
  void takesWhatMapsAndTilesSuit(
      int size,
      int inChannels,
      int outChannels,
      DType dtype,
      int stride,
      Edge edge,
      int columns,
      boolean taken) {
    Shape weight = Shape.of(3, size, size, inChannels, outChannels);
    assertEquals(taken, ConvHopperTile.take(dtype, weight, stride, edge, columns));
  }
}
