package dev.orrery.kernels.linear;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.orrery.kernels.CudaBackend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.CudaException;
import dev.orrery.kernels.cuda.EmulatedDriver;
import dev.orrery.kernels.cuda.EmulatedDriver.Setup;
import dev.orrery.kernels.cuda.EmulatedDriver.Variant;
import dev.orrery.kernels.cuda.KernelImages;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Mistakes planted in what this product does not share with {@link Matmul} are found on the
 * emulated GPU, where the kernels as they are pass.
 */
@DisabledIfSystemProperty(named = "requireGpu", matches = "true")
class MatmulFp8PlantedBugTest {
  private static final int SEEDS = 6;

  /** Depths of 9 slices for the ring of six slots, and of no whole vector. */
  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      delimiter = '|',
      value = {
        "MatmulFp8Hopper | 1152 | mbar_wait(ring.full(), ring.phase); | ; | shared memory",
        "MatmulFp8Hopper | 1152 | wgmma_wait<0>(); | wgmma_wait<1>(); | race",
        "MatmulFp8 | 131 | (weight, depth), rows | (weight, depth + 1), rows | out of bounds"
      })
  void plantedBugsAreFound(
      String stem, int depth, String found, String replacement, String report) {
    EmulatedDriver driver = EmulatedDriver.start(Setup.DEFAULT);
    KernelImages images = driver.editedImages(Variant.CHECKED, stem, found, replacement);
    for (int seed = 1; seed <= SEEDS; seed++) {
      driver.configure(Setup.DEFAULT.withSeed(seed));
      try (CudaBackend backend = CudaBackend.on(CudaDevice.open(0, images));
          TensorArena arena = backend.newArena()) {
        run(backend, arena, 13, depth, 70);
      } catch (CudaException e) {
        assertTrue(e.getMessage().contains(report), e.getMessage());
        return;
      }
    }
    fail(SEEDS + " orders of threads, and nothing is reported");
  }

  private static void run(
      CudaBackend backend, TensorArena arena, int rows, int depth, int columns) {
    ScaledRows x = moved(backend, arena, Fp8Rows.normal(1, rows, depth));
    ScaledRows weight = moved(backend, arena, Fp8Rows.normal(2, columns, depth));
    Tensor out = arena.empty(DType.BF16, rows, columns);
    MatmulFp8 matmul = backend.kernel(MatmulFp8.class);
    matmul.run(x, weight, null, new LinearEnd.Store(Activation.NONE, out));
    backend.synchronize();
  }

  private static ScaledRows moved(CudaBackend backend, TensorArena arena, ScaledRows host) {
    return new ScaledRows(
        moved(backend, arena, host.values()), moved(backend, arena, host.scales()));
  }

  private static Tensor moved(CudaBackend backend, TensorArena arena, Tensor host) {
    Tensor copy = arena.empty(host.dtype(), host.shape().extents());
    backend.copy(host, copy);
    return copy;
  }
}
