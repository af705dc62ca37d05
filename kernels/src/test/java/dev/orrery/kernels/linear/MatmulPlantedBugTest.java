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
import java.util.stream.Stream;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the sizes of {@link MatmulCudaTest} are worth: mistakes planted in the kernels are found on
 * the emulated GPU, where the kernels as they are pass.
 */
@DisabledIfSystemProperty(named = "requireGpu", matches = "true")
class MatmulPlantedBugTest {
  private static final int SEEDS = 6;

  /**
   * A mistake.
   *
   * @param stem the source it is made in
   * @param found what it replaces
   * @param replacement what it puts there
   * @param report what is reported
   */
  private record Bug(String stem, String found, String replacement, String report) {
    @Override
    public String toString() {
      return stem + ": " + found.strip() + " -> " + replacement.strip();
    }
  }

  static Stream<Bug> bugs() {
    String simt = "MatmulSimt";
    String portable = "Matmul";
    String hopper = "MatmulHopper";
    return Stream.of(
        new Bug(
            portable, "    __syncthreads();\n    copy_slice", "    copy_slice", "shared memory"),
        new Bug(portable, "cp_async_wait<Shape::kStages - 2>", "cp_async_wait<1000>", "on its way"),
        new Bug(portable, "slice + Shape::kStages - 1", "slice + Shape::kStages", "race"),
        new Bug(portable, "__syncthreads();  // all are done", "// all are done", "race"),
        new Bug(portable, "  __syncwarp();\n", "", "race"),
        new Bug(portable, "first_row + row < rows && k", "k", "read out of bounds"),
        new Bug(portable, " && k + chunk * kChunk < depth", "", "read out of bounds"),
        new Bug(hopper, "mbar_wait(ring.empty(), ring.phase ^ 1);", "", "arrivals at the mbarrier"),
        new Bug(hopper, "mbar_wait(ring.full(), ring.phase);", "", "shared memory"),
        new Bug(hopper, "wgmma_wait<1>();", "wgmma_wait<2>();", "race"),
        new Bug(hopper, "__syncwarp();  // before the stage", "// before the stage", "race"),
        new Bug(simt, "min(first_row + i, rows - 1)", "first_row + i", "read out of bounds"),
        new Bug(simt, "row < rows && column < columns", "column < columns", "write out of bounds"));
  }

  @ParameterizedTest
  @MethodSource("bugs")
  void plantedBugsAreFound(Bug bug) {
    int capability = bug.stem.equals("MatmulHopper") ? 90 : 80;
    EmulatedDriver driver = EmulatedDriver.start(Setup.DEFAULT.withCapability(capability));
    KernelImages images =
        driver.editedImages(Variant.CHECKED, bug.stem, bug.found, bug.replacement);
    for (int seed = 1; seed <= SEEDS; seed++) {
      driver.configure(Setup.DEFAULT.withCapability(capability).withSeed(seed));
      try (CudaBackend backend = CudaBackend.on(CudaDevice.open(0, images));
          TensorArena arena = backend.newArena()) {
        if (bug.stem.equals("MatmulSimt")) {
          run(backend, arena, DType.F32, 13, 131, 19);
        } else {
          run(backend, arena, DType.BF16, 70, 808, 264);
        }
      } catch (CudaException e) {
        assertTrue(e.getMessage().contains(bug.report), e.getMessage());
        return;
      }
    }
    fail(SEEDS + " orders of threads, and nothing is reported");
  }

  /**
   * On tensor cores 26 slices of 32, or 13 of 64, for rings of six slots; the last of the 26 lies
   * where sums are staged.
   */
  private static void run(
      CudaBackend backend, TensorArena arena, DType dtype, int rows, int depth, int columns) {
    Tensor x = moved(backend, arena, KernelHarness.normal(1, dtype, rows, depth));
    Tensor weight = moved(backend, arena, KernelHarness.normal(2, dtype, columns, depth));
    Tensor out = arena.empty(dtype, rows, columns);
    backend.kernel(Matmul.class).run(x, weight, null, Activation.NONE, out);
    backend.synchronize();
  }

  private static Tensor moved(CudaBackend backend, TensorArena arena, Tensor host) {
    Tensor copy = arena.empty(host.dtype(), host.shape().extents());
    backend.copy(host, copy);
    return copy;
  }
}
