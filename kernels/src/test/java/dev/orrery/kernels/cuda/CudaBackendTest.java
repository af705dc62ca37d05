package dev.orrery.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CudaBackend;
import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.elementwise.Convert;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.Arrays;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Memory, copies and batches on a GPU. */
class CudaBackendTest {
  private final CudaBackend backend = CudaTestDevice.open(80);

  @Test
  void memoryStartsAsZerosAndIsGivenBack() {
    long before = backend.device().freeMemory();
    try (TensorArena arena = backend.newArena()) {
      Tensor tensor = arena.empty(DType.F32, 1000, 257);
      assertEquals(4L * 1000 * 257, arena.byteSize());
      assertTrue(backend.device().freeMemory() <= before - 4L * 1000 * 257);
      assertArrayEquals(new float[1000 * 257], floats(tensor));
    }
    assertEquals(before, backend.device().freeMemory());
  }

  /** More than one pinned buffer, ending in the middle of one, to and fro and within the device. */
  @Test
  void copiesKeepEveryByte() {
    try (TensorArena arena = backend.newArena()) {
      Tensor host = KernelHarness.normal(1, 5, 523_777);
      Tensor one = arena.empty(DType.F32, 5, 523_777);
      Tensor other = arena.empty(DType.F32, 5, 523_777);
      backend.copy(host, one);
      backend.copy(one, other);
      assertArrayEquals(host.toFloats(), floats(other));
      backend.copy(host.slice(3, 4), other.slice(1, 2));
      assertArrayEquals(host.slice(3, 4).toFloats(), floats(other.slice(1, 2)));
      assertArrayEquals(host.slice(2, 3).toFloats(), floats(other.slice(2, 3)));
    }
  }

  @ParameterizedTest
  @CsvSource({"3, 0, 7", "0, 3, 7", "1, 0, 9", "0, 1, 9", "5, 0, 5", "2, 2, 4"})
  void overlappingCopiesAreAsIfTheSourceWasCopiedFirst(int from, int to, int rows) {
    try (TensorArena arena = backend.newArena()) {
      Tensor tensor = arena.empty(DType.F32, 10, 33);
      backend.copy(KernelHarness.normal(1, 10, 33), tensor);
      float[] expected = floats(tensor);
      System.arraycopy(expected.clone(), from * 33, expected, to * 33, rows * 33);
      backend.copy(tensor.slice(from, from + rows), tensor.slice(to, to + rows));
      assertArrayEquals(expected, floats(tensor));
    }
  }

  @Test
  void uploadRoundsMatricesToTheActivationsAndWidensVectors() {
    try (TensorArena arena = backend.newArena()) {
      Tensor matrix = KernelHarness.normal(1, 37, 19);
      Tensor uploaded = backend.upload(matrix, DType.BF16, arena);
      assertEquals(DType.BF16, uploaded.dtype());
      Tensor host = KernelHarness.normal(0, DType.BF16, 37, 19);
      backend.copy(uploaded, host);
      for (int i = 0; i < 37 * 19; i++) {
        float value = FloatView.of(matrix).get(i);
        float rounded = FloatView.bf16ToFloat(FloatView.floatToBf16(value));
        assertEquals(rounded, FloatView.of(host).get(i));
      }
      Tensor vector = KernelHarness.normal(2, DType.F16, 301, 1, 1);
      Tensor widened = backend.upload(vector, DType.BF16, arena);
      assertEquals(DType.F32, widened.dtype());
      float[] expected = new float[301];
      FloatView.of(vector).copy(0, expected, 0, 301);
      assertArrayEquals(expected, floats(widened));
      assertEquals(
          DType.F16,
          backend.upload(KernelHarness.normal(2, DType.F16, 3, 5), DType.F32, arena).dtype());
    }
  }

  @Test
  void aBatchThatWasMadeBeforeIsReplayed() {
    CudaStream stream = backend.device().stream();
    Convert convert = backend.kernel(Convert.class);
    try (TensorArena arena = backend.newArena()) {
      Tensor x = arena.empty(DType.F32, 3000);
      Tensor half = arena.empty(DType.F16, 3000);
      Tensor back = arena.empty(DType.F32, 3000);
      Runnable calls =
          () -> {
            convert.run(x, half);
            convert.run(half, back);
            backend.copy(back.slice(0, 2000), back.slice(1000, 3000));
          };
      int graphs = stream.graphs();
      for (int seed = 1; seed <= 3; seed++) {
        backend.copy(KernelHarness.normal(seed, 3000), x);
        backend.copy(KernelHarness.normal(0, 3000), back);
        calls.run();
        float[] expected = floats(back);
        backend.copy(KernelHarness.normal(0, 3000), back);
        backend.batch(calls);
        assertArrayEquals(expected, floats(back));
        assertEquals(graphs + 1, stream.graphs());
      }
      // One element fewer is another batch, not a stale replay.
      backend.copy(KernelHarness.normal(9, 3000), x);
      backend.copy(Tensor.of(new float[3000], 3000), back);
      backend.batch(() -> convert.run(x.slice(0, 2999), back.slice(0, 2999)));
      assertEquals(graphs + 2, stream.graphs());
      assertEquals(0, floats(back)[2999]);
    }
  }

  @Test
  void aBatchDoesNotTouchTheHost() {
    try (TensorArena arena = backend.newArena()) {
      Tensor tensor = arena.empty(DType.F32, 16);
      Tensor host = KernelHarness.normal(1, 16);
      for (Runnable call :
          new Runnable[] {
            () -> backend.copy(host, tensor),
            () -> backend.copy(tensor, host),
            () -> arena.empty(DType.F32, 16),
            backend::synchronize,
            () -> backend.batch(() -> {})
          }) {
        assertThrows(IllegalStateException.class, () -> backend.batch(call));
      }
      // Whatever failed inside a batch, the stream goes on.
      backend.copy(host, tensor);
      assertArrayEquals(host.toFloats(), floats(tensor));
    }
  }

  @Test
  void threadsHaveStreamsOfTheirOwn() throws Exception {
    try (TensorArena arena = backend.newArena();
        ExecutorService other = Executors.newSingleThreadExecutor()) {
      Tensor tensor = arena.empty(DType.F32, 1000);
      other
          .submit(
              () -> {
                backend.copy(KernelHarness.normal(4, 1000), tensor);
                backend.synchronize();
              })
          .get();
      assertArrayEquals(KernelHarness.normal(4, 1000).toFloats(), floats(tensor));
    }
  }

  @Test
  void outOfMemorySaysWhatWasAskedForAndWhatIsFree() {
    try (TensorArena arena = backend.newArena()) {
      arena.empty(DType.U8, 1000);
      OutOfMemoryError error =
          assertThrows(OutOfMemoryError.class, () -> arena.empty(DType.BF16, 1 << 20, 1 << 22));
      assertTrue(
          error
              .getMessage()
              .matches(
                  "no memory on cuda:0 \\(.+\\) for BF16\\[1048576, 4194304\\]: 8,796,093,022,208"
                      + " bytes asked for, [0-9,]+ of [0-9,]+ free, 1,000 held by this arena; .+"),
          error.getMessage());
      float[] values = {1, 2, 3};
      Tensor small = arena.empty(DType.F32, 3);
      backend.copy(Tensor.of(values, 3), small);
      assertArrayEquals(values, floats(small));
    }
  }

  @Test
  void hostTensorsAreNoArgumentsOfKernels() {
    Tensor host = KernelHarness.normal(1, 8);
    IllegalStateException e =
        assertThrows(
            IllegalStateException.class, () -> backend.kernel(Convert.class).run(host, host));
    assertEquals("F32[8] lies in host memory, not on a GPU", e.getMessage());
  }

  private float[] floats(Tensor tensor) {
    float[] values = new float[(int) tensor.elements()];
    Arrays.fill(values, Float.NaN);
    backend.copy(tensor, Tensor.of(values, tensor.shape().extents()));
    return values;
  }
}
