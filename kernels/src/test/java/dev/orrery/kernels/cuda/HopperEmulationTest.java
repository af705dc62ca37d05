package dev.orrery.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.cuda.EmulatedDriver.Setup;
import dev.orrery.kernels.cuda.EmulatedDriver.Variant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** TMA, barriers in shared memory and wgmma, against a plain product of integer matrices. */
class HopperEmulationTest {
  private static final int SEEDS = 3;
  private static final int ROWS = 64;
  private static final int CHUNK_BYTES = 64 * 128;
  private static final int BFLOAT16 = 9;
  private static final int FLOAT16 = 6;

  /** N = 200 and K = 300 are multiples of no tile: boxes reach beyond both edges of the tensors. */
  @ParameterizedTest
  @CsvSource({
    "tma_matmul_bf16_64", "tma_matmul_bf16_128", "tma_matmul_bf16_192_rs",
    "tma_matmul_bf16_256_mn", "tma_matmul_bf16_64_mn_rs", "tma_matmul_f16_128_mn_rs",
    "tma_matmul_f16_192", "tma_matmul_f16_256_rs"
  })
  void productsOfAllShapesAreExactOnIntegers(String name) {
    EmulatedDriver driver = EmulatedDriver.start(Setup.DEFAULT);
    for (Variant variant : Variant.values()) {
      try (EmulatedRun run = new EmulatedRun(driver.testImages(variant))) {
        for (int seed = 0; seed < SEEDS; seed++) {
          driver.configure(Setup.DEFAULT.withSeed(seed));
          int n = 200;
          int k = 304;
          float[] a = EmulatedRun.integers(seed, ROWS * k);
          float[] b = EmulatedRun.integers(seed + 10, n * k);
          float[] expected = EmulatedRun.product(a, b, ROWS, n, k);
          assertArrayEquals(expected, multiply(run, name, a, b, n, k), variant + ", seed " + seed);
        }
      }
    }
  }

  /** What a kernel of TmaMatmulHopper.cu makes of a [64][k] and b [n][k]. */
  static float[] multiply(EmulatedRun run, String name, float[] a, float[] b, int n, int k) {
    int columns = Integer.parseInt(name.split("_")[3]);
    boolean half = name.contains("f16_") && !name.contains("bf16");
    boolean columnsFastest = name.contains("_mn");
    float[] stored = columnsFastest ? transpose(b, n, k) : b;
    int stages = 2;
    int sharedBytes = stages * CHUNK_BYTES * (1 + columns / 64) + 16 * stages;
    CudaFunction function = run.device.function("TmaMatmulHopper", name, sharedBytes);
    int type = half ? FLOAT16 : BFLOAT16;
    long deviceA = run.shorts(half ? EmulatedRun.f16(a) : EmulatedRun.bf16(a));
    long deviceB = run.shorts(half ? EmulatedRun.f16(stored) : EmulatedRun.bf16(stored));
    long out = run.allocate(4L * ROWS * n);
    TensorMap mapA = map(type, deviceA, ROWS, k);
    TensorMap mapB = columnsFastest ? map(type, deviceB, k, n) : map(type, deviceB, n, k);
    run.device.stream()
        .launch(function, Math.ceilDiv(n, columns), 1, 1, 160, sharedBytes, out, mapA, mapB, n, k);
    return run.download(out, ROWS * n);
  }

  /** Boxes of 64 by 64 out of a matrix. */
  private static TensorMap map(int type, long address, long rows, long columns) {
    return new TensorMap(
        Driver.encodeTensorMap(
            type,
            address,
            new long[] {columns, rows},
            new long[] {2 * columns},
            new int[] {64, 64}));
  }

  private static float[] transpose(float[] matrix, int rows, int columns) {
    float[] transposed = new float[matrix.length];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        transposed[j * rows + i] = matrix[i * columns + j];
      }
    }
    return transposed;
  }

  @Test
  void tensorMapsAreValidatedAsByTheDriver() {
    EmulatedDriver driver = EmulatedDriver.start(Setup.DEFAULT);
    try (EmulatedRun run = new EmulatedRun(driver.testImages(Variant.FAST))) {
      long address = run.allocate(64 * 64 * 2);
      assertThrows(CudaException.class, () -> map(BFLOAT16, address + 8, 64, 64), "address");
      assertThrows(CudaException.class, () -> map(BFLOAT16, address, 64, 60), "stride");
    }
  }

  @Test
  void otherGenerationsHaveNeitherTmaNorWgmma() {
    EmulatedDriver driver = EmulatedDriver.start(Setup.DEFAULT.withCapability(80));
    try (EmulatedRun run = new EmulatedRun(driver.testImages(Variant.FAST))) {
      float[] a = EmulatedRun.integers(1, ROWS * 64);
      CudaException e =
          assertThrows(
              CudaException.class, () -> multiply(run, "tma_matmul_bf16_64", a, a, 64, 64));
      assertTrue(e.getMessage().contains("compute capability 9.0 only"), e.getMessage());
    }
  }
}
