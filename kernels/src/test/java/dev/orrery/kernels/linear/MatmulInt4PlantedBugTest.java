package dev.orrery.kernels.linear;

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
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Mistakes planted in what this product does not share with {@link Matmul} are found on the
 * emulated GPU, where the kernels as they are pass.
 */
@DisabledIfSystemProperty(named = "requireGpu", matches = "true")
class MatmulInt4PlantedBugTest {
  private static final int SEEDS = 6;

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      delimiter = '|',
      value = {
        "BF16 | present = first_column + i < columns | present = true | read out of bounds",
        "BF16 | depth / kDepth, | depth / kDepth + 1, | read out of bounds",
        "BF16 | kBytes = kScales + Shape::kTileN * int(sizeof(float)) | kBytes = kScales | race",
        "F32 | if (k < depth) { | { | read out of bounds"
      })
  void plantedBugsAreFound(DType dtype, String found, String replacement, String report) {
    EmulatedDriver driver = EmulatedDriver.start(Setup.DEFAULT);
    KernelImages images = driver.editedImages(Variant.CHECKED, "MatmulInt4", found, replacement);
    for (int seed = 1; seed <= SEEDS; seed++) {
      driver.configure(Setup.DEFAULT.withSeed(seed));
      try (CudaBackend backend = CudaBackend.on(CudaDevice.open(0, images));
          TensorArena arena = backend.newArena()) {
        run(backend, arena, dtype);
      } catch (CudaException e) {
        assertTrue(e.getMessage().contains(report), e.getMessage());
        return;
      }
    }
    fail(SEEDS + " orders of threads, and nothing is reported");
  }

  /** 18 slices of 32 for a ring of eight slots, and more columns than fit in a tile. */
  private static void run(CudaBackend backend, TensorArena arena, DType dtype) {
    int rows = 13;
    int depth = 576;
    int columns = 70;
    GroupedInt4 host = Int4Weights.normal(2, columns, depth, 64);
    GroupedInt4 weight =
        new GroupedInt4(moved(backend, arena, host.packed()), moved(backend, arena, host.scales()));
    Tensor x = moved(backend, arena, KernelHarness.normal(1, dtype, rows, depth));
    Tensor out = arena.empty(dtype, rows, columns);
    MatmulInt4 matmul = backend.kernel(MatmulInt4.class);
    matmul.run(x, weight, null, new LinearEnd.Store(Activation.NONE, out));
    backend.synchronize();
  }

  private static Tensor moved(CudaBackend backend, TensorArena arena, Tensor host) {
    Tensor copy = arena.empty(host.dtype(), host.shape().extents());
    backend.copy(host, copy);
    return copy;
  }
}
