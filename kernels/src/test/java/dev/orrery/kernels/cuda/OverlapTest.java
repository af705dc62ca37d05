package dev.orrery.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.orrery.kernels.KernelCase;
import dev.orrery.kernels.cuda.EmulatedDriver.Setup;
import dev.orrery.kernels.cuda.EmulatedDriver.Variant;
import dev.orrery.kernels.elementwise.Modulation;
import dev.orrery.kernels.norm.RmsNorm;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.stream.Stream;
import jcuda.driver.CUstream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Which kernels may be started while the one before them runs, and that one which does not wait for
 * it is found.
 */
@DisabledIfSystemProperty(named = "requireGpu", matches = "true")
class OverlapTest {
  private static final int COUNT = 64;
  private static final int BYTES = 4 * COUNT;

  /** What lies between two pairs of kernels of a batch. */
  private interface Between {
    void call(CudaStream stream, long from, long to);
  }

  /** How many of four kernels overlap with the one before them, in a batch that is run twice. */
  private static long overlapping(
      EmulatedRun run, CudaDevice device, EmulatedDriver driver, Between between) {
    CudaStream stream = device.stream();
    CudaFunction reverse = device.function("Reverse", "reverse");
    float[] values = EmulatedRun.integers(1, COUNT);
    long x = run.floats(values);
    long middle = run.allocate(BYTES);
    long out = run.allocate(BYTES);
    run.device.stream().synchronize();
    long before = driver.overlappingLaunches();
    for (int i = 0; i < 2; i++) {
      stream.batch(
          () -> {
            stream.launch(reverse, 1, 1, 1, COUNT, 0, x, middle);
            stream.launch(reverse, 1, 1, 1, COUNT, 0, middle, out);
            between.call(stream, out, x);
            stream.launch(reverse, 1, 1, 1, COUNT, 0, x, middle);
            stream.launch(reverse, 1, 1, 1, COUNT, 0, middle, out);
          });
    }
    stream.synchronize();
    assertArrayEquals(values, run.download(out, COUNT));
    return (driver.overlappingLaunches() - before) / 2;
  }

  private static long overlapping(Setup setup, Between between) {
    EmulatedDriver driver = EmulatedDriver.start(setup);
    try (EmulatedRun run = new EmulatedRun(driver.testImages(Variant.CHECKED))) {
      return overlapping(run, run.device, driver, between);
    }
  }

  private static void copy(CudaStream stream, long from, long to) {
    stream.copy(to, from, BYTES);
  }

  @Test
  void kernelsOverlapWithKernels() {
    assertEquals(3, overlapping(Setup.DEFAULT, (stream, from, to) -> {}));
  }

  @Test
  void notWithCopies() {
    assertEquals(2, overlapping(Setup.DEFAULT, OverlapTest::copy));
  }

  /** What a library starts behind a kernel, and how, is not known. */
  @Test
  void notWithLibraries() {
    EmulatedDriver driver = EmulatedDriver.start(Setup.DEFAULT);
    LibraryCall nothing =
        new LibraryCall() {
          @Override
          public void issue(CUstream stream, long[] parameters) {}

          @Override
          public void close() {}
        };
    KernelImages images = driver.testImages(Variant.CHECKED);
    try (EmulatedRun run = new EmulatedRun(images)) {
      int id = run.device.register(nothing);
      CudaStream stream = run.device.stream();
      CudaFunction reverse = run.device.function("Reverse", "reverse");
      long x = run.floats(new float[COUNT]);
      long out = run.allocate(BYTES);
      long before = driver.overlappingLaunches();
      stream.batch(
          () -> {
            stream.launch(reverse, 1, 1, 1, COUNT, 0, x, out);
            stream.call(id);
            stream.launch(reverse, 1, 1, 1, COUNT, 0, x, out);
          });
      assertEquals(before, driver.overlappingLaunches());
    }
  }

  /** Single calls are started one by one, whatever the stream did before. */
  @Test
  void notOutsideOfBatches() {
    EmulatedDriver driver = EmulatedDriver.start(Setup.DEFAULT);
    try (EmulatedRun run = new EmulatedRun(driver.testImages(Variant.CHECKED))) {
      CudaStream stream = run.device.stream();
      CudaFunction reverse = run.device.function("Reverse", "reverse");
      long x = run.floats(new float[COUNT]);
      long out = run.allocate(BYTES);
      long before = driver.overlappingLaunches();
      stream.launch(reverse, 1, 1, 1, COUNT, 0, x, out);
      stream.launch(reverse, 1, 1, 1, COUNT, 0, out, x);
      assertEquals(before, driver.overlappingLaunches());
    }
  }

  @ParameterizedTest
  @CsvSource({"80, 13000, 0", "89, 12060, 0", "90, 12020, 0", "90, 12030, 2", "120, 13000, 2"})
  void deviceAndDriverDecide(int capability, int driver, long expected) {
    Setup setup = Setup.DEFAULT.withCapability(capability).withDriverVersion(driver);
    assertEquals(expected, overlapping(setup, OverlapTest::copy));
  }

  @Test
  void aDeviceMayBeOpenedOnceMoreWithoutIt() {
    EmulatedDriver driver = EmulatedDriver.start(Setup.DEFAULT);
    try (EmulatedRun run = new EmulatedRun(driver.testImages(Variant.CHECKED));
        CudaDevice other = run.device.oneAfterTheOther()) {
      assertEquals(run.device.isHopper(), other.isHopper());
      assertEquals(2, overlapping(run, run.device, driver, OverlapTest::copy));
      assertEquals(0, overlapping(run, other, driver, OverlapTest::copy));
    }
  }

  static Stream<PlantedBug> bugsOfRows() {
    String calls = "  wait_for_previous_kernel();\n  admit_next_kernel();\n";
    return Stream.of(
        new PlantedBug(
            "RmsNorm",
            calls,
            "  admit_next_kernel();\n",
            "rms_norm_bf16: global memory is read before wait_for_previous_kernel"),
        new PlantedBug(
            "RmsNorm",
            calls,
            "  if (team.thread == 0) wait_for_previous_kernel();\n  __syncthreads();\n",
            "rms_norm_bf16: global memory is read before wait_for_previous_kernel"));
  }

  @ParameterizedTest
  @MethodSource("bugsOfRows")
  void rowsThatAreReadTooEarlyAreFound(PlantedBug bug) {
    KernelCase<RmsNorm> norm =
        (kernel, inputs) -> {
          Tensor out = inputs.output(13, 207);
          kernel.run(inputs.activation(1, 13, 207), inputs.fp32(2, 207), 1e-6, out);
          return out;
        };
    bug.isReported(90, RmsNorm.class, DType.BF16, norm);
  }

  static Stream<PlantedBug> bugsOfElements() {
    String calls = "  wait_for_previous_kernel();\n  admit_next_kernel();\n";
    String leave =
        "  const int64_t i = int64_t(blockIdx.x) * kThreads + threadIdx.x;\n"
            + "  if (i >= count) return;\n";
    return Stream.of(
        new PlantedBug(
            "Modulation",
            calls + leave,
            leave + calls,
            "modulation_f32: a thread ended without wait_for_previous_kernel"),
        new PlantedBug(
            "Modulation",
            calls,
            "  out[0] = 0;\n" + calls,
            "modulation_f32: global memory is written before wait_for_previous_kernel"));
  }

  /** 621 elements leave threads of the last of three blocks without one. */
  @ParameterizedTest
  @MethodSource("bugsOfElements")
  void threadsThatDoNotWaitAreFound(PlantedBug bug) {
    KernelCase<Modulation> modulation =
        (kernel, inputs) -> {
          Tensor out = inputs.output(1, 3, 207);
          kernel.run(inputs.exactly(1, DType.F32, 1, 207), inputs.fp32(2, 1, 3, 207), out);
          return out;
        };
    bug.isReported(90, Modulation.class, DType.F32, modulation);
  }
}
