package dev.orrery.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.cuda.EmulatedDriver.Setup;
import dev.orrery.kernels.cuda.EmulatedDriver.Variant;
import java.util.Locale;
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
  static final int UINT8 = 0;

  /** As in the names of kernels. */
  private enum Element {
    BF16(BFLOAT16, Short.BYTES),
    F16(FLOAT16, Short.BYTES),
    E4M3(UINT8, Byte.BYTES),
    S8(UINT8, Byte.BYTES);

    final int mapType;
    final int byteSize;

    Element(int mapType, int byteSize) {
      this.mapType = mapType;
      this.byteSize = byteSize;
    }

    /** Values on the device. */
    long upload(EmulatedRun run, float[] values) {
      return switch (this) {
        case BF16 -> run.shorts(EmulatedRun.bf16(values));
        case F16 -> run.shorts(EmulatedRun.f16(values));
        case E4M3 -> run.bytes(EmulatedRun.e4m3(values));
        case S8 -> run.bytes(EmulatedRun.int8(values));
      };
    }

    /** Boxes of 64 rows of 128 bytes out of a matrix. */
    TensorMap map(long address, long rows, long columns) {
      return map(address, rows, columns, 1, 1);
    }

    /** The same of rows and of elements so far apart. */
    TensorMap map(long address, long rows, long columns, int rowStep, int step) {
      return new TensorMap(
          Driver.encodeTensorMap(
              mapType,
              address,
              new long[] {columns, rows},
              new long[] {byteSize * columns},
              new int[] {step, rowStep},
              new int[] {128 / byteSize, 64}));
    }
  }

  /** N = 200 and K = 300 are multiples of no tile: boxes reach beyond both edges of the tensors. */
  @ParameterizedTest
  @CsvSource({
    "tma_matmul_bf16_64",
    "tma_matmul_bf16_128",
    "tma_matmul_bf16_192_rs",
    "tma_matmul_bf16_256_mn",
    "tma_matmul_bf16_64_mn_rs",
    "tma_matmul_f16_128_mn_rs",
    "tma_matmul_f16_192",
    "tma_matmul_f16_256_rs",
    "tma_matmul_e4m3_128",
    "tma_matmul_e4m3_192",
    "tma_matmul_s8_128",
    "tma_matmul_s8_192",
    "tma_matmul_s8_256",
    "tma_matmul_bf16_96_mn",
    "tma_matmul_f16_96_rs"
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
    return multiply(run, name, a, 1, b, n, k);
  }

  /** The same of 64 rows of a that lie so far apart; those behind the last one are zeros. */
  static float[] multiply(
      EmulatedRun run, String name, float[] a, int rowStep, float[] b, int n, int k) {
    String[] parts = name.split("_");
    Element element = Element.valueOf(parts[2].toUpperCase(Locale.ROOT));
    int columns = Integer.parseInt(parts[3]);
    boolean columnsFastest = name.contains("_mn");
    int stages = 2;
    int sharedBytes = stages * CHUNK_BYTES * (1 + Math.ceilDiv(columns, 64)) + 16 * stages;
    CudaFunction function = run.device.function("TmaMatmulHopper", name, sharedBytes);
    long deviceA = element.upload(run, a);
    long deviceB = element.upload(run, columnsFastest ? transpose(b, n, k) : b);
    long out = run.allocate(4L * ROWS * n);
    TensorMap mapA = element.map(deviceA, a.length / k, k, rowStep, 1);
    TensorMap mapB = columnsFastest ? element.map(deviceB, k, n) : element.map(deviceB, n, k);
    run.device.stream()
        .launch(function, Math.ceilDiv(n, columns), 1, 1, 160, sharedBytes, out, mapA, mapB, n, k);
    return run.download(out, ROWS * n);
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
      assertEquals(
          "cuTensorMapEncodeTiled: cuTensorMapEncodeTiled: address not 16-byte aligned (CUDA"
              + " error 1)",
          assertThrows(CudaException.class, () -> Element.BF16.map(address + 8, 64, 64), "address")
              .getMessage());
      assertEquals(
          "cuTensorMapEncodeTiled: cuTensorMapEncodeTiled: stride is not a multiple of 16 below"
              + " 2^40 (CUDA error 1)",
          assertThrows(CudaException.class, () -> Element.BF16.map(address, 64, 60), "stride")
              .getMessage());
      assertEquals(
          "cuTensorMapEncodeTiled: cuTensorMapEncodeTiled: element stride not in 1..8 (CUDA error"
              + " 1)",
          assertThrows(CudaException.class, () -> Element.BF16.map(address, 64, 64, 9, 1), "steps")
              .getMessage());
      assertEquals(
          "cuTensorMapEncodeTiled: cuTensorMapEncodeTiled: box not in 1..256 (CUDA error 1)",
          assertThrows(CudaException.class, () -> Element.BF16.map(address, 64, 64, 5, 1), "span")
              .getMessage());
      assertEquals(
          "cuTensorMapEncodeTiled: cuTensorMapEncodeTiled: element stride of the fastest axis is"
              + " not 1 (CUDA error 1)",
          assertThrows(CudaException.class, () -> Element.BF16.map(address, 64, 64, 1, 2), "step")
              .getMessage());
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
