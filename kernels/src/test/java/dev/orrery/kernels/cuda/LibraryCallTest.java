package dev.orrery.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.orrery.kernels.CudaBackend;
import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import jcuda.driver.CUstream;
import org.junit.jupiter.api.Test;

/** A stand-in for a library, which copies: its work is ordered, captured and replayed. */
class LibraryCallTest {
  /** Copies its parameters' bytes, and counts how often it is issued. */
  private static final class Copying implements LibraryCall {
    int issued;

    @Override
    public void issue(CUstream stream, long[] parameters) {
      issued++;
      Driver.copy(parameters[0], parameters[1], parameters[2], stream);
    }

    @Override
    public void close() {}
  }

  @Test
  void runsInOrderAndIsReplayedWithItsBatch() {
    CudaBackend backend = CudaTestDevice.open(80);
    CudaDevice device = backend.device();
    Copying copying = new Copying();
    int id = device.register(copying);
    try (TensorArena arena = backend.newArena()) {
      Tensor x = arena.empty(DType.F32, 100);
      Tensor middle = arena.empty(DType.F32, 100);
      Tensor out = arena.empty(DType.F32, 100);
      Runnable calls =
          () -> {
            backend.copy(x, middle);
            call(device, id, middle, out, 400);
          };
      float[] first = KernelHarness.normal(1, 100).toFloats();
      backend.copy(Tensor.of(first, 100), x);
      calls.run();
      assertArrayEquals(first, host(backend, out));
      assertEquals(1, copying.issued);

      for (int seed = 2; seed <= 4; seed++) {
        float[] values = KernelHarness.normal(seed, 100).toFloats();
        backend.copy(Tensor.of(values, 100), x);
        backend.batch(calls);
        assertArrayEquals(values, host(backend, out));
        assertEquals(2, copying.issued, "only captured once");
      }
      backend.batch(() -> call(device, id, middle, out, 200));
      assertEquals(3, copying.issued, "other parameters are another call");
    }
  }

  private static void call(CudaDevice device, int id, Tensor from, Tensor to, long bytes) {
    device.stream().call(id, CudaStream.address(to), CudaStream.address(from), bytes);
  }

  private static float[] host(CudaBackend backend, Tensor tensor) {
    Tensor host = KernelHarness.normal(0, tensor.shape().extents());
    backend.copy(tensor, host);
    return host.toFloats();
  }
}
