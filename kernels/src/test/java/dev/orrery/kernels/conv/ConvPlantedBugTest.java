package dev.orrery.kernels.conv;

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
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Mistakes planted in {@code conv.cuh} are reported on the emulated GPU. */
@DisabledIfSystemProperty(named = "requireGpu", matches = "true")
class ConvPlantedBugTest {
  private static final Setup PORTABLE = Setup.DEFAULT.withCapability(80);
  private static final int SEEDS = 6;

  static Stream<Arguments> bugs() {
    return Stream.of(
        Arguments.of("__syncthreads();\n    load();", "load();", "shared memory"),
        Arguments.of(
            "__syncthreads();\n    load();", "load();\n    __syncthreads();", "asynchronous write"),
        Arguments.of("cp_async_wait<kStages - 2>", "cp_async_wait<kStages - 1>", "on its way"),
        Arguments.of(
            "unsigned(window.row + term.row) < unsigned(shape.rows) &&", "", "out of bounds"),
        Arguments.of("is_term && channel < shape.out_channels;", "is_term;", "out of bounds"),
        Arguments.of("pixel >= shape.pixels || channel", "channel", "write out of bounds"));
  }

  @ParameterizedTest
  @MethodSource("bugs")
  void isReported(String found, String replacement, String report) {
    EmulatedDriver driver = EmulatedDriver.start(PORTABLE);
    KernelImages images = driver.editedImages(Variant.CHECKED, "CausalConv3d", found, replacement);
    for (int seed = 1; seed <= SEEDS; seed++) {
      driver.configure(PORTABLE.withSeed(seed));
      try (CudaBackend backend = CudaBackend.on(CudaDevice.open(0, images));
          TensorArena arena = backend.newArena()) {
        run(backend, arena);
      } catch (CudaException e) {
        assertTrue(e.getMessage().contains(report), e.getMessage());
        return;
      }
    }
    fail(SEEDS + " orders of threads, and nothing is reported");
  }

  /** Fourteen steps for a ring of three slots, in a tile that pixels and channels do not fill. */
  private static void run(CudaBackend backend, TensorArena arena) {
    Tensor history = moved(backend, arena, KernelHarness.normal(1, DType.F16, 2, 5, 7, 16));
    Tensor x = moved(backend, arena, KernelHarness.normal(2, DType.F16, 1, 5, 7, 16));
    Tensor weight = moved(backend, arena, KernelHarness.normal(3, DType.F16, 3, 3, 3, 16, 24));
    Tensor bias = moved(backend, arena, KernelHarness.normal(4, 24));
    Tensor out = arena.empty(DType.F16, 1, 5, 7, 24);
    backend.kernel(CausalConv3d.class).run(history, x, weight, bias, 1, out);
    backend.synchronize();
  }

  private static Tensor moved(CudaBackend backend, TensorArena arena, Tensor host) {
    Tensor copy = arena.empty(host.dtype(), host.shape().extents());
    backend.copy(host, copy);
    return copy;
  }
}
