package dev.orrery.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.orrery.kernels.cuda.EmulatedDriver.Setup;
import dev.orrery.kernels.cuda.EmulatedDriver.Variant;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The checker finds bugs that are planted in correct kernels, and none in the kernels as they are.
 */
class PlantedBugTest {
  private static PlantedBug bug(String stem, String found, String replacement, String report) {
    return new PlantedBug(stem, found, replacement, report);
  }

  static Stream<PlantedBug> bugs() {
    return Stream.of(
        // A block goes on before all of its threads have come so far.
        bug("Reverse", "__syncthreads();", "", "read"),
        bug("Reverse", "__syncthreads();", "__syncwarp();", "read"),
        bug("PipelinedMatmul", "__syncthreads();", "", "shared memory"),
        // Not everything is written, or something else is touched.
        bug(
            "Reverse",
            "values[threadIdx.x] =",
            "if (threadIdx.x > 0) values[threadIdx.x] =",
            "read of uninitialised shared memory"),
        bug("Reverse", "x[threadIdx.x];", "x[threadIdx.x + 1];", "4 bytes past the end"),
        bug("Reverse", "out[threadIdx.x] =", "out[int(threadIdx.x) - 1] =", "4 bytes before"),
        bug("PipelinedMatmul", "row < m && column < n", "column < n", "write out of bounds"),
        bug(
            "PipelinedMatmul",
            "first_row + row < rows && column < k",
            "column < k",
            "read out of bounds"),
        bug(
            "PipelinedMatmul",
            "cp_async16(",
            "if (present) cp_async16(",
            "read of uninitialised shared memory"),
        bug("PipelinedMatmul", "chunk * 8;", "chunk * 8 + 1;", "multiple of 16 bytes"),
        // The pipeline does not wait for the copy it needs, or overwrites one in use.
        bug(
            "PipelinedMatmul",
            "cp_async_wait<kStages - 2>",
            "cp_async_wait<kStages - 1>",
            "on its way"),
        bug("PipelinedMatmul", "step < kStages - 1;", "step < kStages - 2;", "on its way"),
        bug(
            "PipelinedMatmul", "__syncthreads();\n    load(step + kStages - 1);",
            "load(step + kStages - 1);\n    __syncthreads();", "asynchronous write"),
        bug(
            "PipelinedMatmul", "shared + step % kStages * kStageElements;\n    multiply",
            "shared + (step + 1) % kStages * kStageElements;\n    multiply", "on its way"),
        // The same with the copy engine and wgmma.
        bug(
            "TmaMatmulHopper",
                "if (step >= kStages) mbar_wait(empty + 8 * stage, (step / kStages - 1) % 2);",
            "", "arrivals"),
        bug("TmaMatmulHopper", "(step / kStages - 1) % 2", "step / kStages % 2", "arrivals"),
        bug(
            "TmaMatmulHopper",
            "mbar_wait(full + 8 * stage, step / kStages % 2);",
            "",
            "shared memory"),
        bug("TmaMatmulHopper", "wgmma_wait<0>();", "", "shared memory race"),
        bug("TmaMatmulHopper", "wgmma_fence();", "", "no wgmma_fence"),
        bug(
            "TmaMatmulHopper",
            "descriptor_k_major(a + 32 * i), b_tile",
            "descriptor_k_major(a + 32 * i) | uint64_t(1) << 49, b_tile",
            "reserved bits 0x2000000000000"),
        bug(
            "TmaMatmulHopper",
            "const uint32_t base = smem_u32(shared);",
            "const uint32_t base = 0;",
            "TMA"),
        bug(
            "TmaMatmulHopper",
            "if (kRegisters) named_barrier_sync(1, kConsumers);",
            "",
            "shared memory race"),
        bug("TmaMatmulHopper", "  __syncthreads();\n", "", "mbarrier"),
        bug(
            "TmaMatmulHopper",
            "mbar_init(empty + 8 * i, 1);",
            "mbar_init(empty + 8 * i, 2);",
            "deadlock"),
        bug(
            "TmaMatmulHopper", "mbar_expect_tx(full + 8 * stage, kStageBytes);",
            "mbar_expect_tx(full + 8 * stage, kStageBytes - 16);", "deadlock"));
  }

  @ParameterizedTest
  @MethodSource("bugs")
  void plantedBugsAreFound(PlantedBug bug) {
    EmulatedDriver driver = EmulatedDriver.start(Setup.DEFAULT);
    KernelImages images =
        driver.editedTestImages(Variant.CHECKED, bug.stem(), bug.found(), bug.replacement());
    for (int seed = 1; seed <= PlantedBug.SEEDS; seed++) {
      driver.configure(Setup.DEFAULT.withSeed(seed));
      try (EmulatedRun run = new EmulatedRun(images)) {
        runner(bug.stem()).accept(run);
      } catch (CudaException e) {
        assertTrue(e.getMessage().contains(bug.report()), e.getMessage());
        return;
      } catch (AssertionError e) {
        // Wrong results alone are no report: another order of threads has to give one.
        continue;
      }
    }
    fail(PlantedBug.SEEDS + " orders of threads, and the checker has nothing to report");
  }

  @ParameterizedTest
  @MethodSource("stems")
  void correctKernelsPass(String stem) {
    EmulatedDriver driver = EmulatedDriver.start(Setup.DEFAULT);
    for (int seed = 0; seed <= PlantedBug.SEEDS; seed++) {
      driver.configure(Setup.DEFAULT.withSeed(seed));
      try (EmulatedRun run = new EmulatedRun(driver.testImages(Variant.CHECKED))) {
        runner(stem).accept(run);
      }
    }
  }

  static Stream<String> stems() {
    return bugs().map(PlantedBug::stem).distinct();
  }

  @Test
  void editsThatDoNotApplyAreErrors() {
    EmulatedDriver driver = EmulatedDriver.start(Setup.DEFAULT);
    try {
      driver.editedTestImages(Variant.CHECKED, "Reverse", "no such text", "");
    } catch (IllegalArgumentException e) {
      return;
    }
    fail("an edit of text that is not there must not pass for a bug");
  }

  private static Consumer<EmulatedRun> runner(String stem) {
    return switch (stem) {
      case "Reverse" -> PlantedBugTest::reverse;
      case "PipelinedMatmul" -> PlantedBugTest::pipelinedMatmul;
      case "TmaMatmulHopper" -> PlantedBugTest::tmaMatmul;
      default -> throw new IllegalArgumentException(stem);
    };
  }

  private static void reverse(EmulatedRun run) {
    float[] x = EmulatedRun.integers(1, 64);
    float[] expected = new float[64];
    for (int i = 0; i < 64; i++) {
      expected[i] = x[63 - i];
    }
    CudaFunction reverse = run.device.function("Reverse", "reverse");
    long out = run.allocate(4 * 64);
    run.device.stream().launch(reverse, 1, 1, 1, 64, 0, run.floats(x), out);
    assertArrayEquals(expected, run.download(out, 64));
  }

  /** Seven steps: the three stages are used more than twice. */
  private static void pipelinedMatmul(EmulatedRun run) {
    int m = 70;
    int n = 72;
    int k = 200;
    float[] a = EmulatedRun.integers(1, m * k);
    float[] b = EmulatedRun.integers(2, n * k);
    float[] out = EmulatorTest.multiply(run, "bf16", a, b, m, n, k);
    assertArrayEquals(EmulatedRun.product(a, b, m, n, k), out);
  }

  /** Eight steps on two stages, with both sources of a and both orders of b. */
  private static void tmaMatmul(EmulatedRun run) {
    int n = 64;
    int k = 512;
    float[] a = EmulatedRun.integers(1, 64 * k);
    float[] b = EmulatedRun.integers(2, n * k);
    float[] expected = EmulatedRun.product(a, b, 64, n, k);
    for (String name : new String[] {"tma_matmul_bf16_64", "tma_matmul_bf16_64_mn_rs"}) {
      assertArrayEquals(expected, HopperEmulationTest.multiply(run, name, a, b, n, k));
    }
  }
}
