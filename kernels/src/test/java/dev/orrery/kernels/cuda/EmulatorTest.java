package dev.orrery.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.orrery.kernels.cuda.EmulatedDriver.Setup;
import dev.orrery.kernels.cuda.EmulatedDriver.Variant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Correct kernels give correct results on the emulated device, in every order of threads. */
class EmulatorTest {
  private static final int SEEDS = 4;

  @ParameterizedTest
  @EnumSource
  void reductionsOfBlocksGiveEveryThreadTheResult(Variant variant) {
    EmulatedDriver driver = EmulatedDriver.start(Setup.DEFAULT);
    int count = 1000;
    float[] x = EmulatedRun.integers(1, count);
    float[] expected = new float[count];
    for (int i = 0; i < count; i++) {
      float sum = 0;
      float largest = Float.NEGATIVE_INFINITY;
      int block = i / 256 * 256;
      for (int j = block; j < Math.min(block + 256, count); j++) {
        sum += x[j];
        largest = Math.max(largest, x[j]);
      }
      expected[i] = sum + 1000 * largest;
    }
    try (EmulatedRun run = new EmulatedRun(driver.testImages(variant))) {
      CudaFunction reduce = run.device.function("Collectives", "reduce");
      long in = run.floats(x);
      long out = run.allocate(4L * count);
      for (int seed = 0; seed < SEEDS; seed++) {
        driver.configure(Setup.DEFAULT.withSeed(seed));
        run.device.stream().launch(reduce, 4, 1, 1, 256, 0, in, out, count);
        assertArrayEquals(expected, run.download(out, count));
      }
    }
  }

  /** A block of 80 threads: its last warp has 16 lanes. */
  @ParameterizedTest
  @EnumSource
  void votesAndShufflesExchangeAsOnAGpu(Variant variant) {
    int threads = 80;
    int[] expected = new int[8 * threads];
    for (int thread = 0; thread < threads; thread++) {
      int lane = thread % 32;
      int lanes = Math.min(32, threads - thread / 32 * 32);
      int half = lane / 16 * 16;
      int votes = 0;
      for (int i = 0; i < lanes; i += 3) {
        votes |= 1 << i;
      }
      int[] values = {
        votes,
        10 * (lanes - 1),
        lane ^ 1,
        Math.max(lane - 1, 0),
        1,
        1,
        lane + 2 < half + 16 ? lane + 2 : lane,
        lane == 0 ? -1 : 1
      };
      System.arraycopy(values, 0, expected, 8 * thread, 8);
    }
    requireInts(variant, "exchange", threads, expected);
  }

  @ParameterizedTest
  @EnumSource
  void barriersDoNotWaitForThreadsThatEnded(Variant variant) {
    int[] expected = new int[40];
    for (int i = 0; i < expected.length; i++) {
      expected[i] = i ^ 1;
    }
    requireInts(variant, "leave_early", 64, expected);
  }

  @ParameterizedTest
  @EnumSource
  void namedBarriersOrderThoseWhoArriveBeforeThoseWhoWait(Variant variant) {
    int[] expected = new int[64];
    for (int i = 0; i < expected.length; i++) {
      expected[i] = 163 - i;
    }
    EmulatedDriver driver = EmulatedDriver.start(Setup.DEFAULT);
    try (EmulatedRun run = new EmulatedRun(driver.testImages(variant))) {
      CudaFunction handOver = run.device.function("Collectives", "hand_over");
      long out = run.allocate(4 * 64);
      for (int seed = 0; seed < SEEDS; seed++) {
        driver.configure(Setup.DEFAULT.withSeed(seed));
        long count = run.floats(new float[1]);
        run.device.stream().launch(handOver, 5, 1, 1, 128, 0, out, count);
        assertArrayEquals(expected, bits(run.download(out, 64)));
        assertArrayEquals(new int[] {5 * 128}, bits(run.download(count, 1)), "atomic additions");
      }
    }
  }

  private static void requireInts(Variant variant, String name, int threads, int[] expected) {
    EmulatedDriver driver = EmulatedDriver.start(Setup.DEFAULT);
    try (EmulatedRun run = new EmulatedRun(driver.testImages(variant))) {
      CudaFunction function = run.device.function("Collectives", name);
      for (int seed = 0; seed < SEEDS; seed++) {
        driver.configure(Setup.DEFAULT.withSeed(seed));
        long out = run.allocate(4L * expected.length);
        run.device.stream().launch(function, 1, 1, 1, threads, 0, out);
        assertArrayEquals(expected, bits(run.download(out, expected.length)), "seed " + seed);
      }
    }
  }

  private static int[] bits(float[] values) {
    int[] bits = new int[values.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToRawIntBits(values[i]);
    }
    return bits;
  }

  @ParameterizedTest
  @CsvSource({
    "CHECKED, bf16, 64, 64, 256",
    "CHECKED, f16, 100, 130, 200",
    "CHECKED, bf16, 1, 8, 8",
    "FAST, bf16, 100, 130, 200",
    "FAST, f16, 64, 64, 256"
  })
  void pipelinedMatmulIsExactOnIntegers(Variant variant, String type, int m, int n, int k) {
    EmulatedDriver driver = EmulatedDriver.start(Setup.DEFAULT);
    float[] a = EmulatedRun.integers(2, m * k);
    float[] b = EmulatedRun.integers(3, n * k);
    float[] expected = EmulatedRun.product(a, b, m, n, k);
    try (EmulatedRun run = new EmulatedRun(driver.testImages(variant))) {
      for (int seed = 0; seed < SEEDS; seed++) {
        driver.configure(Setup.DEFAULT.withSeed(seed));
        assertArrayEquals(expected, multiply(run, type, a, b, m, n, k), "seed " + seed);
      }
    }
  }

  /** What PipelinedMatmul.cu makes of a [m][k] and b [n][k]. */
  static float[] multiply(EmulatedRun run, String type, float[] a, float[] b, int m, int n, int k) {
    boolean half = type.equals("f16");
    CudaFunction matmul = run.device.function("PipelinedMatmul", "pipelined_matmul_" + type);
    long deviceA = run.shorts(half ? EmulatedRun.f16(a) : EmulatedRun.bf16(a));
    long deviceB = run.shorts(half ? EmulatedRun.f16(b) : EmulatedRun.bf16(b));
    long out = run.allocate(4L * m * n);
    int sharedBytes = 3 * 2 * 64 * 32 * 2;
    run.device.stream()
        .launch(
            matmul,
            Math.ceilDiv(n, 64),
            Math.ceilDiv(m, 64),
            1,
            128,
            sharedBytes,
            deviceA,
            deviceB,
            out,
            m,
            n,
            k);
    return run.download(out, m * n);
  }
}
