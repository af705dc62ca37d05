package dev.orrery.kernels.attention;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.orrery.kernels.CudaBackend;
import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.CudaException;
import dev.orrery.kernels.cuda.EmulatedDriver;
import dev.orrery.kernels.cuda.EmulatedDriver.Setup;
import dev.orrery.kernels.cuda.EmulatedDriver.Variant;
import dev.orrery.kernels.cuda.KernelImages;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The emulator reports what is taken out of the kernels: waiting, order and bounds. */
class AttentionPlantedBugTest {
  private static final int SEEDS = 6;

  static Stream<Arguments> bugs() {
    return Stream.of(
        portable("cp_async_wait<1>();\n    if (t == 0) {", "if (t == 0) {", "on its way"),
        portable("__syncthreads();  // the keys", "// the keys", "shared memory"),
        portable("__syncthreads();  // the same", "// the same", "asynchronous"),
        portable("row < rows && column < columns", "column < columns", "out of bounds"),
        portable("row < rows && chunk * 8 < columns", "chunk * 8 < columns", "out of bounds"),
        hopper(
            "if (t >= kSlots) mbar_wait(shared.keys_free(t), phase(t - kSlots));", "", "mbarrier"),
        hopper(
            "if (t >= kSlots) mbar_wait(shared.values_free(t), phase(t - kSlots));",
            "",
            "asynchronous write"),
        hopper("mbar_wait(shared.keys_full(t), phase(t));", "", "shared memory"),
        hopper("mbar_wait(shared.values_full(t - 1), phase(t - 1));", "", "shared memory"),
        hopper("release(shared.values_free(t - 1));", "", "deadlock"),
        hopper("if (warpgroup == 0 || t + 1 < tiles) pass", "if (warpgroup == 0) pass", "deadlock"),
        hopper("if (row < queries)", "", "out of bounds"));
  }

  private static Arguments portable(String found, String replacement, String report) {
    return Arguments.of("Attention", 80, found, replacement, report);
  }

  private static Arguments hopper(String found, String replacement, String report) {
    return Arguments.of("AttentionHopper", 90, found, replacement, report);
  }

  @ParameterizedTest
  @MethodSource("bugs")
  void isReported(String stem, int capability, String found, String replacement, String report) {
    Assumptions.assumeFalse(Boolean.getBoolean("requireGpu"), "bugs are planted in the emulator");
    Setup setup = Setup.DEFAULT.withCapability(capability);
    EmulatedDriver driver = EmulatedDriver.start(setup);
    KernelImages images = driver.editedImages(Variant.CHECKED, stem, found, replacement);
    try (CudaBackend backend = CudaBackend.on(CudaDevice.open(0, images))) {
      for (int seed = 1; seed <= SEEDS; seed++) {
        driver.configure(setup.withSeed(seed));
        try {
          run(backend);
        } catch (CudaException e) {
          assertTrue(e.getMessage().contains(report), e.getMessage());
          return;
        }
      }
    }
    fail(SEEDS + " orders of threads, and nothing is reported");
  }

  /** So many keys that both kernels use each of their buffers at least twice. */
  private static void run(CudaBackend backend) {
    try (TensorArena arena = backend.newArena()) {
      Tensor q = copy(backend, arena, 1, 20);
      Tensor k = copy(backend, arena, 2, 530);
      Tensor v = copy(backend, arena, 3, 530);
      Tensor out = arena.empty(DType.BF16, 20, 1, 64);
      backend.kernel(Attention.class).run(q, k, v, 0.125, out);
      backend.synchronize();
    }
  }

  private static Tensor copy(CudaBackend backend, TensorArena arena, long seed, int rows) {
    Tensor copy = arena.empty(DType.BF16, rows, 1, 64);
    backend.copy(KernelHarness.normal(seed, DType.BF16, rows, 1, 64), copy);
    return copy;
  }
}
