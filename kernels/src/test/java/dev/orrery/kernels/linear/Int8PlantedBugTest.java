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
 * Mistakes planted in what {@link QuantizeRows} and {@link MatmulInt8} do not share with other
 * operations are found on the emulated GPU, where the kernels as they are pass.
 */
@DisabledIfSystemProperty(named = "requireGpu", matches = "true")
class Int8PlantedBugTest {
  private static final int SEEDS = 6;
  private static final int ROWS = 13;
  private static final int COLUMNS = 19;

  /** A depth of 132 is read in words, one of 131 byte by byte. */
  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      delimiter = '|',
      value = {
        "QuantizeRows | 131 | if (exists && team | if (team | write out of bounds",
        "QuantizeRows | 131 | if (i < chunk.size()) to | to | out of bounds",
        "QuantizeRows | 131 | team.row < rows | true | out of bounds",
        "MatmulInt8 | 132 | fours && k < depth | fours | read out of bounds",
        "MatmulInt8 | 131 | k + e < depth ? | true ? | read out of bounds"
      })
  void plantedBugsAreFound(
      String stem, int depth, String found, String replacement, String report) {
    EmulatedDriver driver = EmulatedDriver.start(Setup.DEFAULT);
    KernelImages images = driver.editedImages(Variant.CHECKED, stem, found, replacement);
    for (int seed = 1; seed <= SEEDS; seed++) {
      driver.configure(Setup.DEFAULT.withSeed(seed));
      try (CudaBackend backend = CudaBackend.on(CudaDevice.open(0, images));
          TensorArena arena = backend.newArena()) {
        run(backend, arena, depth);
      } catch (CudaException e) {
        assertTrue(e.getMessage().contains(report), e.getMessage());
        return;
      }
    }
    fail(SEEDS + " orders of threads, and nothing is reported");
  }

  private static void run(CudaBackend backend, TensorArena arena, int depth) {
    ScaledRows x = quantized(backend, arena, 1, ROWS, depth);
    ScaledRows weight = quantized(backend, arena, 2, COLUMNS, depth);
    Tensor out = arena.empty(DType.F32, ROWS, COLUMNS);
    MatmulInt8 matmul = backend.kernel(MatmulInt8.class);
    matmul.run(x, weight, null, new LinearEnd.Store(Activation.NONE, out));
    backend.synchronize();
  }

  private static ScaledRows quantized(
      CudaBackend backend, TensorArena arena, long seed, int rows, int depth) {
    Tensor x = arena.empty(DType.F32, rows, depth);
    backend.copy(KernelHarness.normal(seed, rows, depth), x);
    Tensor values = arena.empty(DType.I8, rows, depth);
    ScaledRows quantized = new ScaledRows(values, arena.empty(DType.F32, rows));
    backend.kernel(QuantizeRows.class).run(x, quantized);
    return quantized;
  }
}
