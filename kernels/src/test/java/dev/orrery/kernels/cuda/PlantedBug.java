package dev.orrery.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.orrery.kernels.CudaBackend;
import dev.orrery.kernels.KernelCase;
import dev.orrery.kernels.KernelCase.Inputs;
import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.cuda.EmulatedDriver.Setup;
import dev.orrery.kernels.cuda.EmulatedDriver.Variant;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;

/**
 * A mistake planted in a kernel, and how the emulated GPU must report it. Tests of these are not
 * for a real GPU: {@code @DisabledIfSystemProperty(named = "requireGpu", matches = "true")}.
 *
 * @param stem the source it is made in, or one that includes the header it is made in
 * @param found what it replaces
 * @param replacement what it puts there
 * @param report what the checker's message contains
 */
public record PlantedBug(String stem, String found, String replacement, String report) {
  /** Orders of threads of which one has to show a bug. */
  static final int SEEDS = 6;

  /** Requires that a case, in which the kernels as they are pass, leads to the report. */
  public <K extends Kernel> void isReported(
      int capability, Class<K> contract, DType dtype, KernelCase<K> run) {
    Setup setup = Setup.DEFAULT.withCapability(capability);
    EmulatedDriver driver = EmulatedDriver.start(setup);
    KernelImages images = driver.editedImages(Variant.CHECKED, stem, found, replacement);
    for (int seed = 1; seed <= SEEDS; seed++) {
      driver.configure(setup.withSeed(seed));
      try (CudaBackend backend = CudaBackend.on(CudaDevice.open(0, images));
          TensorArena arena = backend.newArena()) {
        run.run(backend.kernel(contract), new Inputs(backend, arena, dtype));
        backend.synchronize();
      } catch (CudaException e) {
        assertTrue(e.getMessage().contains(report), e.getMessage());
        return;
      }
    }
    fail(SEEDS + " orders of threads, and nothing is reported");
  }

  /** Requires that a case gives what a test beside the reference would not let pass. */
  public <K extends Kernel> void isWrong(
      int capability, Class<K> contract, DType dtype, KernelCase<K> run) {
    float[] expected = KernelCase.reference(contract, dtype, run);
    float[] actual = values(capability, contract, dtype, run);
    assertThrows(
        AssertionError.class,
        () -> KernelHarness.assertClose(toString(), expected, actual, CudaHarness.limit(dtype)));
  }

  /** What a case gives with the mistake. */
  public <K extends Kernel> float[] values(
      int capability, Class<K> contract, DType dtype, KernelCase<K> run) {
    Setup setup = Setup.DEFAULT.withCapability(capability);
    EmulatedDriver driver = EmulatedDriver.start(setup);
    KernelImages images = driver.editedImages(Variant.FAST, stem, found, replacement);
    try (CudaBackend backend = CudaBackend.on(CudaDevice.open(0, images));
        TensorArena arena = backend.newArena()) {
      Tensor out = run.run(backend.kernel(contract), new Inputs(backend, arena, dtype));
      return KernelCase.values(backend, out);
    }
  }

  @Override
  public String toString() {
    return stem + ": " + found.strip() + " -> " + replacement.strip();
  }
}
