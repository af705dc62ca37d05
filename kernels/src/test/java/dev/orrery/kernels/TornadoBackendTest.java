package dev.orrery.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.backend.ComputeTypes;
import dev.orrery.kernels.backend.MissingKernelException;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.elementwise.Add;
import dev.orrery.kernels.elementwise.Softmax;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.kernels.tornado.TornadoHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TornadoBackendTest {
  private TornadoBackend backend;
  private TensorArena arena;

  @BeforeEach
  void open() {
    backend = TornadoHarness.open();
    arena = backend.newArena();
  }

  @AfterEach
  void close() {
    arena.close();
    backend.close();
  }

  @Test
  void saysWhatItIs() {
    assertEquals("tornado:0", backend.name());
    assertFalse(backend.usesHostMemory());
    assertFalse(arena.reinterprets());
    assertSame(ComputeTypes.FP32, backend.computeTypes());
  }

  /** Matrices are read as they are stored; vectors take part in fp32 arithmetic. */
  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16"})
  void keepsMatricesAsTheyAreStored(DType dtype) {
    Tensor matrix = KernelHarness.normal(1, dtype, 3, 5);
    Tensor vector = KernelHarness.normal(2, dtype, 1, 7);
    Tensor storedMatrix = backend.upload(matrix, DType.F32, arena);
    Tensor storedVector = backend.upload(vector, DType.F32, arena);
    assertEquals(dtype + "[3, 5]", storedMatrix.toString());
    assertEquals("F32[1, 7]", storedVector.toString());
    assertArrayEquals(values(matrix), KernelCase.values(backend, storedMatrix));
    assertArrayEquals(values(vector), KernelCase.values(backend, storedVector));
  }

  private static float[] values(Tensor host) {
    try (CpuBackend cpu = CpuBackend.reference(1)) {
      return KernelCase.values(cpu, host);
    }
  }

  @Test
  void refusesCopiesBetweenUnlikeTensors() {
    KernelHarness.refused(
        "to: expected F32 and 4 elements, found F32[5]",
        () -> backend.copy(KernelHarness.normal(1, 4), arena.empty(DType.F32, 5)));
    KernelHarness.refused(
        "to: expected F32 and 4 elements, found F16[4]",
        () -> backend.copy(KernelHarness.normal(1, 4), arena.empty(DType.F16, 4)));
  }

  @Test
  void namesAKernelThatItLacks() {
    MissingKernelException missing =
        assertThrows(MissingKernelException.class, () -> backend.kernel(Softmax.class));
    assertTrue(missing.getMessage().contains("Softmax"), missing.getMessage());
    assertTrue(missing.getMessage().contains("tornado:0"), missing.getMessage());
  }

  @Test
  void runsBatchesAtOnce() {
    Tensor sum = arena.empty(DType.F32, 3);
    backend.copy(Tensor.of(new float[] {1, 2, 3}, 3), sum);
    Add add = backend.kernel(Add.class);
    backend.batch(
        () -> {
          add.run(sum, sum, sum);
          add.run(sum, sum, sum);
        });
    backend.synchronize();
    assertArrayEquals(new float[] {4, 8, 12}, KernelCase.values(backend, sum));
  }
}
