package dev.orrery.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Each primitive of {@code tile.cuh} and {@code hopper.cuh} alone gives what its comment says, to
 * the bit: emulated, and with {@code -DrequireGpu=true} on a GPU. That both halves of a primitive
 * pass is what lets results of the emulator stand for those of a GPU.
 */
class TilesCudaTest {
  private static final int WARP = 32;

  /** One for all tests, because a real GPU takes half a second to open. */
  private static EmulatedRun run;

  @BeforeAll
  static void open() {
    run = new EmulatedRun(CudaTestDevice.testImages());
  }

  @AfterAll
  static void close() {
    if (run != null) {
      run.close();
    }
  }

  /** Ties, overflow, subnormal numbers, infinities and NaN. */
  @ParameterizedTest
  @CsvSource({"f32, F32", "f16, F16", "bf16, BF16"})
  void conversionsRoundToNearestEven(String suffix, DType dtype) {
    Random random = new Random(1);
    float[] x = new float[4096];
    for (int i = 0; i < x.length; i++) {
      x[i] = Float.intBitsToFloat(random.nextInt());
    }
    float[] special = {
      0f, -0f, 1 + 1f / 256, 1 + 3f / 256, 1 + 1f / 2048, 1 + 3f / 2048, 65519, 65520, 1e-8f, 3e-8f
    };
    System.arraycopy(special, 0, x, 0, special.length);
    long out = run.allocate(4L * x.length);
    launch("round_trip_" + suffix, x.length / WARP, WARP, run.floats(x), out, x.length);
    assertArrayEquals(rounded(x, dtype), run.download(out, x.length));
  }

  private static float[] rounded(float[] x, DType dtype) {
    MemorySegment memory = MemorySegment.ofArray(new long[(x.length + 1) / 2]);
    FloatView view = FloatView.of(Tensor.host(dtype, Shape.of(x.length), memory));
    float[] rounded = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      view.set(i, x[i]);
      rounded[i] = view.get(i);
    }
    return rounded;
  }

  @Test
  void eightFloatsAreLoadedAndStored() {
    float[] x = EmulatedRun.integers(2, 8 * WARP);
    long out = run.allocate(4L * x.length);
    launch("double_eights_f32", 1, WARP, run.floats(x), out);
    assertArrayEquals(doubled(x), run.download(out, x.length));
  }

  @ParameterizedTest
  @ValueSource(strings = {"f16", "bf16"})
  void eightElementsAreLoadedAndStored(String suffix) {
    float[] x = EmulatedRun.integers(3, 8 * WARP);
    long out = run.allocate(2L * x.length);
    launch("double_eights_" + suffix, 1, WARP, run.shorts(bits(suffix, x)), out);
    assertArrayEquals(words(bits(suffix, doubled(x))), downloadWords(out, x.length / 2));
  }

  private static float[] doubled(float[] x) {
    float[] doubled = x.clone();
    for (int i = 0; i < x.length; i++) {
      doubled[i] *= 2;
    }
    return doubled;
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 8, 16})
  void asynchronousCopiesArriveOrAreCleared(int bytes) {
    int words = bytes / 4;
    int[] x = new Random(4).ints((long) WARP * words).toArray();
    int[] expected = new int[x.length];
    for (int thread = 0; thread < WARP; thread++) {
      int opposite = WARP - 1 - thread;
      if (opposite % 3 != 0) {
        System.arraycopy(x, opposite * words, expected, thread * words, words);
      }
    }
    long out = run.allocate(4L * x.length);
    launch("copy_async_" + bytes, 1, WARP, run.floats(asFloats(x)), out);
    assertArrayEquals(expected, downloadWords(out, x.length));
  }

  @ParameterizedTest
  @CsvSource({"load_x4, 4, false", "load_x4_trans, 4, true"})
  @CsvSource({"load_x2, 2, false", "load_x2_trans, 2, true"})
  void matricesBecomeFragments(String name, int matrices, boolean transposed) {
    short[] x = new short[WARP * 8];
    for (int i = 0; i < x.length; i++) {
      x[i] = (short) (257 * i + 1);
    }
    int[] expected = new int[4 * WARP];
    for (int lane = 0; lane < WARP; lane++) {
      for (int matrix = 0; matrix < matrices; matrix++) {
        int row = lane / 4;
        int column = lane % 4 * 2;
        int low = transposed ? 8 * column + row : 8 * row + column;
        int high = low + (transposed ? 8 : 1);
        expected[4 * lane + matrix] = word(x[64 * matrix + low], x[64 * matrix + high]);
      }
    }
    long out = run.allocate(4L * expected.length);
    launch(name, 1, WARP, run.shorts(x), out);
    assertArrayEquals(expected, downloadWords(out, expected.length));
  }

  @ParameterizedTest
  @ValueSource(strings = {"f16", "bf16"})
  void warpMultipliesMatrices(String suffix) {
    float[] a = EmulatedRun.integers(5, 16 * 16);
    float[] b = EmulatedRun.integers(6, 16 * 8);
    float[] c = EmulatedRun.integers(7, 16 * 8);
    float[] expected = c.clone();
    for (int i = 0; i < 16; i++) {
      for (int j = 0; j < 8; j++) {
        for (int k = 0; k < 16; k++) {
          expected[8 * i + j] += a[16 * i + k] * b[8 * k + j];
        }
      }
    }
    long d = run.floats(c);
    launch(
        "multiply_" + suffix, 1, WARP, run.shorts(bits(suffix, a)), run.shorts(bits(suffix, b)), d);
    assertArrayEquals(expected, run.download(d, c.length));
  }

  /** Values from -128 to 127. */
  @Test
  void warpMultipliesMatricesOfBytes() {
    int[] a = new Random(11).ints(16 * 32 / 4).toArray();
    int[] b = new Random(12).ints(32 * 8 / 4).toArray();
    int[] c = new Random(13).ints(16 * 8, -1_000_000, 1_000_000).toArray();
    int[] expected = c.clone();
    for (int i = 0; i < 16; i++) {
      for (int j = 0; j < 8; j++) {
        for (int k = 0; k < 32; k++) {
          expected[8 * i + j] += signedByte(a, 32 * i + k) * signedByte(b, 8 * k + j);
        }
      }
    }
    long d = run.floats(asFloats(c));
    launch("multiply_int8", 1, WARP, run.floats(asFloats(a)), run.floats(asFloats(b)), d);
    assertArrayEquals(expected, downloadWords(d, c.length));
  }

  private static int signedByte(int[] words, int index) {
    return (byte) (words[index / 4] >> index % 4 * 8);
  }

  @Test
  void reductionsGiveEveryThreadTheResult() {
    float[] x = EmulatedRun.integers(8, 3 * WARP);
    float blockSum = sum(x);
    float[] expected = new float[6 * x.length];
    for (int thread = 0; thread < x.length; thread++) {
      int first = thread / WARP * WARP;
      float[] warp = Arrays.copyOfRange(x, first, first + WARP);
      float[] results = {
        sum(warp), largest(warp, 1), blockSum, largest(x, 1), 2 * blockSum, largest(x, -1)
      };
      System.arraycopy(results, 0, expected, 6 * thread, 6);
    }
    long out = run.allocate(4L * expected.length);
    launch("reductions", 1, 3 * WARP, run.floats(x), out);
    assertArrayEquals(expected, run.download(out, expected.length));
  }

  private static float sum(float[] x) {
    float sum = 0;
    for (float value : x) {
      sum += value;
    }
    return sum;
  }

  private static float largest(float[] x, int sign) {
    float largest = Float.NEGATIVE_INFINITY;
    for (float value : x) {
      largest = Math.max(largest, sign * value);
    }
    return largest;
  }

  /** TMA, barriers in shared memory and wgmma, of all types, widths and layouts. */
  @ParameterizedTest
  @ValueSource(
      strings = {
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
  void warpgroupMultipliesMatrices(String name) {
    assumeTrue(CudaTestDevice.supports(90), "this GPU is not of the generation Hopper");
    int m = 64;
    int n = 200;
    int k = 304;
    float[] a = EmulatedRun.integers(9, m * k);
    float[] b = EmulatedRun.integers(10, n * k);
    assertArrayEquals(
        EmulatedRun.product(a, b, m, n, k), HopperEmulationTest.multiply(run, name, a, b, n, k));
  }

  /** Boxes with every second row of a matrix, which has one row less than the box steps over. */
  @Test
  void boxesLeaveRowsOut() {
    assumeTrue(CudaTestDevice.supports(90), "this GPU is not of the generation Hopper");
    int m = 64;
    int n = 64;
    int k = 128;
    float[] a = EmulatedRun.integers(14, (2 * m - 2) * k);
    float[] b = EmulatedRun.integers(15, n * k);
    float[] every = new float[m * k];
    for (int row = 0; row < m - 1; row++) {
      System.arraycopy(a, 2 * row * k, every, row * k, k);
    }
    assertArrayEquals(
        EmulatedRun.product(every, b, m, n, k),
        HopperEmulationTest.multiply(run, "tma_matmul_bf16_64", a, 2, b, n, k));
  }

  /**
   * Two clusters of two blocks, each of which finds both halves of each box; the last half lies
   * below the matrix.
   */
  @Test
  void blocksOfAClusterShareBoxes() {
    assumeTrue(CudaTestDevice.supports(90), "this GPU is not of the generation Hopper");
    int blocks = 4;
    int rows = 24;
    int steps = 5;
    int rowBytes = 128;
    int boxRows = 16;
    byte[] matrix = new byte[rows * steps * rowBytes];
    new Random(16).nextBytes(matrix);
    TensorMap halves =
        new TensorMap(
            Driver.encodeTensorMap(
                HopperEmulationTest.UINT8,
                run.bytes(matrix),
                new long[] {steps * rowBytes, rows},
                new long[] {steps * rowBytes},
                new int[] {1, 1},
                new int[] {rowBytes, boxRows / 2}));
    byte[] expected = new byte[blocks * steps * boxRows * rowBytes];
    for (int block = 0; block < blocks; block++) {
      for (int step = 0; step < steps; step++) {
        for (int row = 0; row < boxRows; row++) {
          int rowOfMatrix = block / 2 * boxRows + row;
          if (rowOfMatrix >= rows) {
            continue;
          }
          int to = ((block * steps + step) * boxRows + row) * rowBytes;
          int from = (rowOfMatrix * steps + step) * rowBytes;
          // Chunks of 16 bytes lie as TMA swizzles them.
          for (int chunk = 0; chunk < rowBytes; chunk += 16) {
            int place = to + (chunk ^ row % 8 * 16);
            System.arraycopy(matrix, from + chunk, expected, place, 16);
          }
        }
      }
    }
    long out = run.allocate(expected.length);
    int sharedBytes = boxRows * rowBytes + 2 * Long.BYTES;
    CudaFunction function = run.device.function("PairHopper", "share_boxes", sharedBytes);
    run.device.stream().launch(function, blocks, 1, 1, 64, sharedBytes, out, halves, steps);
    assertArrayEquals(expected, run.downloadBytes(out, expected.length));
  }

  private static void launch(String name, int blocks, int threads, Object... arguments) {
    CudaFunction function = run.device.function("Tiles", name);
    run.device.stream().launch(function, blocks, 1, 1, threads, 0, arguments);
  }

  private static short[] bits(String suffix, float[] values) {
    return suffix.equals("f16") ? EmulatedRun.f16(values) : EmulatedRun.bf16(values);
  }

  private static int word(short low, short high) {
    return low & 0xFFFF | high << 16;
  }

  private static int[] words(short[] halves) {
    int[] words = new int[halves.length / 2];
    for (int i = 0; i < words.length; i++) {
      words[i] = word(halves[2 * i], halves[2 * i + 1]);
    }
    return words;
  }

  private static float[] asFloats(int[] bits) {
    float[] floats = new float[bits.length];
    MemorySegment.copy(
        MemorySegment.ofArray(bits), 0, MemorySegment.ofArray(floats), 0, 4L * bits.length);
    return floats;
  }

  private static int[] downloadWords(long address, int count) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment host = arena.allocate(ValueLayout.JAVA_INT, count);
      run.device.stream().copyToHost(address, host);
      return host.toArray(ValueLayout.JAVA_INT);
    }
  }
}
