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
    boolean half = type.equals("f16");
    try (EmulatedRun run = new EmulatedRun(driver.testImages(variant))) {
      CudaFunction matmul = run.device.function("PipelinedMatmul", "pipelined_matmul_" + type);
      long deviceA = run.shorts(half ? EmulatedRun.f16(a) : EmulatedRun.bf16(a));
      long deviceB = run.shorts(half ? EmulatedRun.f16(b) : EmulatedRun.bf16(b));
      for (int seed = 0; seed < SEEDS; seed++) {
        driver.configure(Setup.DEFAULT.withSeed(seed));
        long out = run.allocate(4L * m * n);
        run.device.stream()
            .launch(
                matmul,
                Math.ceilDiv(n, 64),
                Math.ceilDiv(m, 64),
                1,
                128,
                3 * 2 * 64 * 32 * 2,
                deviceA,
                deviceB,
                out,
                m,
                n,
                k);
        assertArrayEquals(expected, run.download(out, m * n), "seed " + seed);
      }
    }
  }
}
