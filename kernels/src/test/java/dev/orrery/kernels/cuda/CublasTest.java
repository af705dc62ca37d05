package dev.orrery.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.CudaBackend;
import dev.orrery.kernels.CudaBackend.MatmulProvider;
import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.cuda.EmulatedDriver.Setup;
import dev.orrery.kernels.cuda.EmulatedDriver.Variant;
import dev.orrery.kernels.elementwise.ConvertCpu;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.linear.Matmul;
import dev.orrery.kernels.linear.MatmulResidual;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Products by NVIDIA's library on the emulated GPU, with a look-alike of the library too. Once that
 * is loaded it stays, so that the test without it comes first.
 */
@DisabledIfSystemProperty(named = "requireGpu", matches = "true")
@TestMethodOrder(OrderAnnotation.class)
class CublasTest {
  private static final String LIBRARY = "libcublas.so.12";
  private static final int ROWS = 6;
  private static final int DEPTH = 20;

  @Test
  @Order(1)
  void withoutTheLibraryTheReasonIsOneLine() {
    assumeFalse(isLoadable(), "cuBLAS is installed here");
    EmulatedDriver.start(EmulatedDriver.Setup.DEFAULT); // or the test is skipped
    CudaUnavailableException e = assertThrows(CudaUnavailableException.class, CublasTest::open);
    assertEquals(
        "no cuBLAS found (libcublas.so.12 cannot be loaded): install it from CUDA 12, or use"
            + " Orrery's own matmul",
        e.getMessage());
  }

  /** With and without an end of its own; rows of eights and others. */
  @ParameterizedTest
  @EnumSource(names = {"F16", "BF16", "F32"})
  @Order(2)
  void agreesWithTheReference(DType dtype) throws Exception {
    loadLookAlike();
    try (CudaBackend gpu = open();
        CpuBackend reference = CpuBackend.reference(1)) {
      for (int columns : new int[] {16, 13}) {
        compare(reference, gpu, dtype, columns, false);
        compare(reference, gpu, dtype, columns, true);
      }
    }
  }

  /** A tensor that another thread's stream has yet to write. */
  @Test
  @Order(3)
  void doesNotReadAheadOfAnotherStream() throws Exception {
    loadLookAlike();
    try (CudaBackend gpu = open();
        TensorArena arena = gpu.newArena();
        ExecutorService other = Executors.newSingleThreadExecutor()) {
      Tensor x = arena.empty(DType.BF16, ROWS, DEPTH);
      Tensor weight = arena.empty(DType.BF16, 16, DEPTH);
      Tensor out = arena.empty(DType.BF16, ROWS, 16);
      Matmul matmul = gpu.kernel(Matmul.class);
      gpu.copy(KernelHarness.normal(1, DType.BF16, ROWS, DEPTH), x);
      Future<?> early = other.submit(() -> matmul.run(x, weight, null, Activation.NONE, out));
      assertEquals(
          "cublasGemmEx: cuBLAS error 13",
          assertThrows(ExecutionException.class, early::get).getCause().getMessage());
      gpu.synchronize();
      other.submit(() -> matmul.run(x, weight, null, Activation.NONE, out)).get();
    }
  }

  private static void compare(
      Backend reference, Backend gpu, DType dtype, int columns, boolean ends) {
    double limit =
        switch (dtype) {
          case BF16 -> CudaHarness.BF16_LIMIT;
          case F16 -> 2 * CudaHarness.FP16_LIMIT; // an end of its own rounds a second time
          default -> KernelHarness.FP32_LIMIT;
        };
    KernelHarness.assertClose(
        "Matmul " + dtype,
        product(reference, DType.F32, dtype, columns, ends),
        product(gpu, dtype, dtype, columns, ends),
        limit);
    KernelHarness.assertClose(
        "MatmulResidual " + dtype,
        residual(reference, DType.F32, dtype, columns, ends),
        residual(gpu, dtype, dtype, columns, ends),
        limit);
  }

  private static float[] product(
      Backend backend, DType dtype, DType values, int columns, boolean ends) {
    try (TensorArena arena = backend.newArena()) {
      Tensor x = tensor(backend, arena, dtype, values, 1, ROWS, DEPTH);
      Tensor weight = tensor(backend, arena, dtype, values, 2, columns, DEPTH);
      Tensor bias = ends ? tensor(backend, arena, DType.F32, DType.F32, 3, columns) : null;
      Tensor out = arena.empty(dtype, ROWS, columns);
      Activation activation = ends ? Activation.SILU : Activation.NONE;
      backend.kernel(Matmul.class).run(x, weight, bias, activation, out);
      return floats(backend, out);
    }
  }

  private static float[] residual(
      Backend backend, DType dtype, DType values, int columns, boolean ends) {
    try (TensorArena arena = backend.newArena()) {
      Tensor x = tensor(backend, arena, dtype, values, 1, ROWS, DEPTH);
      Tensor weight = tensor(backend, arena, dtype, values, 2, columns, DEPTH);
      Tensor bias = ends ? tensor(backend, arena, DType.F32, DType.F32, 3, columns) : null;
      Tensor gate = ends ? tensor(backend, arena, DType.F32, DType.F32, 4, 3, columns) : null;
      Tensor residual = tensor(backend, arena, dtype, values, 5, ROWS, columns);
      backend.kernel(MatmulResidual.class).run(x, weight, bias, gate, residual);
      return floats(backend, residual);
    }
  }

  /** Seeded values rounded to one dtype, stored in another that holds them. */
  private static Tensor tensor(
      Backend backend, TensorArena arena, DType dtype, DType values, long seed, long... extents) {
    Tensor rounded = KernelHarness.normal(seed, values, extents);
    Tensor host = KernelHarness.normal(seed, dtype, extents);
    new ConvertCpu().launch(rounded, host);
    Tensor copy = arena.empty(dtype, extents);
    backend.copy(host, copy);
    return copy;
  }

  private static float[] floats(Backend backend, Tensor tensor) {
    Tensor host = KernelHarness.normal(0, tensor.dtype(), tensor.shape().extents());
    backend.copy(tensor, host);
    float[] values = new float[(int) tensor.elements()];
    FloatView.of(host).copy(0, values, 0, values.length);
    return values;
  }

  private static CudaBackend open() {
    EmulatedDriver driver = EmulatedDriver.start(Setup.DEFAULT.withCapability(80));
    CudaDevice device = CudaDevice.open(0, driver.images(Variant.CHECKED));
    return CudaBackend.on(device, MatmulProvider.CUBLAS);
  }

  @SuppressWarnings("restricted")
  private static boolean isLoadable() {
    try (Arena arena = Arena.ofConfined()) {
      SymbolLookup.libraryLookup(LIBRARY, arena);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** Compiles the look-alike and loads it, so that it is found by its name from now on. */
  @SuppressWarnings("restricted")
  private static void loadLookAlike() throws Exception {
    if (isLoadable()) {
      return;
    }
    EmulatedDriver.start(Setup.DEFAULT);
    Path root = Path.of(System.getProperty("project.root"));
    Path folder = Files.createTempDirectory(root.resolve("kernels/target/emulator"), "cublas");
    Path library = folder.resolve(LIBRARY);
    Process compiler =
        new ProcessBuilder(
                EmulatorBuild.findCompiler().toString(),
                "-std=c++17",
                "-O2",
                "-fPIC",
                "-shared",
                "-Wl,-soname," + LIBRARY,
                "-I",
                root.resolve("kernels/src/test/emulator").toString(),
                "-o",
                library.toString(),
                root.resolve("kernels/src/test/cublas/cublas.cpp").toString())
            .inheritIO()
            .start();
    assertEquals(0, compiler.waitFor(), "the look-alike does not compile");
    System.load(library.toString());
    Files.delete(library);
    Files.delete(folder);
  }
}
