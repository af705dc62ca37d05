package dev.orrery.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.orrery.kernels.CudaBackend.MatmulProvider;
import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.CudaUnavailableException;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BackendsTest {
  private static final String NO_KERNELS = "the kernels are not built";

  /** Backends whose GPUs, if there are any, lack their kernels. */
  private static Backends withoutKernels(MatmulProvider matmul) {
    return new Backends(
        2,
        matmul,
        () -> {
          throw new CudaUnavailableException(NO_KERNELS);
        });
  }

  /** What is wrong with the first GPU of this machine; empty if nothing is. */
  private static Optional<String> gpuProblem() {
    try {
      CudaDevice.requireUsable(0);
      return Optional.empty();
    } catch (CudaUnavailableException e) {
      return Optional.of(e.getMessage());
    }
  }

  @Test
  void autoTakesTheCpuAndSaysWhyThereIsNoGpu() {
    try (ChosenBackend chosen = withoutKernels(MatmulProvider.ORRERY).open("auto")) {
      assertEquals("cpu", chosen.backend().name());
      assertEquals(gpuProblem().orElse(NO_KERNELS), chosen.reason());
    }
  }

  @Test
  void whatTakesAGpuIsNotDoneElsewhere() {
    for (String name : new String[] {"cuda", "cuda:0"}) {
      assertEquals(gpuProblem().orElse(NO_KERNELS), refusal(MatmulProvider.ORRERY, name));
    }
    assertEquals(gpuProblem().orElse(NO_KERNELS), refusal(MatmulProvider.CUBLAS, "auto"));
  }

  private static String refusal(MatmulProvider matmul, String name) {
    return assertThrows(CudaUnavailableException.class, () -> withoutKernels(matmul).open(name))
        .getMessage();
  }

  @ParameterizedTest
  @CsvSource({"cpu, cpu", "reference, reference"})
  void aNameIsObeyed(String name, String backend) {
    try (ChosenBackend chosen = Backends.standard().open(name)) {
      assertEquals(backend, chosen.backend().name());
      assertEquals("asked for by name", chosen.reason());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "CPU", "cpu:1", "cuda:", "cuda:-1", "cuda:1000", "tornado:x", "cpu "})
  void otherNamesAreRefused(String name) {
    Backends backends = Backends.standard();
    assertEquals(
        "expected one of auto, cpu, cuda, cuda:N, tornado, tornado:N, reference, found '"
            + name
            + "'",
        assertThrows(IllegalArgumentException.class, () -> backends.open(name)).getMessage());
  }

  @Test
  void somebodyHasToCompute() {
    assertEquals(
        "threads: expected 1 or more, found 0",
        assertThrows(
                IllegalArgumentException.class,
                () -> new Backends(0, MatmulProvider.ORRERY, () -> {}))
            .getMessage());
  }
}
