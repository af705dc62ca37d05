package dev.orrery.kernels.tornado;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.TornadoBackend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.elementwise.Add;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * What the backend takes from TornadoVM without its promise: that plans with one anchor share
 * memory, that generations of anchors pass arrays on, that memory comes back. On a real device
 * only.
 */
class TornadoVmDriverTest {
  private static final long SLAB = 1 << 20;

  @BeforeEach
  void needsTornado() {
    assumeTrue(
        Boolean.getBoolean("requireTornado"), "needs TornadoVM: run with -DrequireTornado=true");
  }

  private static TornadoBackend open() {
    return new TornadoBackend(new TornadoDevice(TornadoVm.open(0), "tornado:0", SLAB));
  }

  private static void put(TornadoBackend backend, Tensor to, float value) {
    float[] values = new float[(int) to.elements()];
    Arrays.fill(values, value);
    backend.copy(Tensor.of(values, to.shape().extents()), to);
  }

  private static float[] get(TornadoBackend backend, Tensor from) {
    Tensor host = Tensor.of(new float[(int) from.elements()], from.shape().extents());
    backend.copy(from, host);
    return host.toFloats();
  }

  /**
   * Every generation sees what the ones before it wrote, and the kernels of those go on working.
   */
  @Test
  void arraysOutliveTheGenerationsOfAnchors() {
    try (TornadoBackend backend = open()) {
      Add add = backend.kernel(Add.class);
      List<TensorArena> arenas = new ArrayList<>();
      List<Tensor> tensors = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        TensorArena arena = backend.newArena();
        arenas.add(arena);
        tensors.add(arena.empty(DType.F32, 100));
        put(backend, tensors.get(i), 1 << i);
        if (i > 0) {
          // Two slabs in one kernel, of which one is older than the anchor.
          add.run(tensors.get(i - 1), tensors.get(i), tensors.get(i));
        }
      }
      assertEquals(15, get(backend, tensors.get(3))[99]);
      // The second slab goes from the middle.
      arenas.get(1).close();
      add.run(tensors.get(0), tensors.get(2), tensors.get(2));
      add.run(tensors.get(2), tensors.get(3), tensors.get(3));
      assertEquals(8 + 15, get(backend, tensors.get(3))[0]);
      TensorArena late = backend.newArena();
      Tensor last = late.empty(DType.F32, 100);
      assertArrayEquals(new float[100], get(backend, last));
      add.run(tensors.get(0), tensors.get(3), last);
      assertEquals(24, get(backend, last)[50]);
      late.close();
      arenas.get(3).close();
      arenas.get(2).close();
      assertEquals(1, get(backend, tensors.get(0))[7]);
      arenas.get(0).close();
    }
  }

  /** What the last of several rounds takes is what one of them takes. */
  @Test
  void memoryComesBack() throws IOException {
    long slab = 256L << 20;
    List<Long> resident = new ArrayList<>();
    try (TornadoBackend backend =
        new TornadoBackend(new TornadoDevice(TornadoVm.open(0), "tornado:0", slab))) {
      for (int round = 0; round < 5; round++) {
        try (TensorArena arena = backend.newArena()) {
          Tensor large = arena.empty(DType.F32, slab / 4 - Slab.RESERVED);
          assertEquals(0f, get(backend, large.slice(1000, 1001))[0]);
        }
        resident.add(residentBytes());
      }
    }
    assertTrue(
        resident.getLast() < resident.get(1) + slab / 2, "resident after each round: " + resident);
  }

  private static long residentBytes() throws IOException {
    String pages = Files.readString(Path.of("/proc/self/statm")).split(" ")[1];
    return Long.parseLong(pages) * 4096;
  }

  /** With TornadoVM's own setting it would be run by Java, alone and wrong. */
  @Test
  void kernelThatDoesNotCompileIsAnError() {
    try (TornadoBackend backend = open();
        TensorArena arena = backend.newArena()) {
      Tensor tensor = arena.empty(DType.F32, 64);
      KernelCode broken = KernelCode.parallel(TornadoVmDriverTest::roundsByJava);
      assertThrows(
          TornadoException.class,
          () -> backend.device().run(broken, 64, new int[] {64}, new float[0], tensor));
      // What was there before still works.
      backend.kernel(Add.class).run(tensor, tensor, tensor);
      assertArrayEquals(new float[64], get(backend, tensor));
    }
  }

  /** TornadoVM does not know how to round. */
  public static void roundsByJava(IntArray ints, FloatArray floats, FloatArray array) {
    int at = ints.get(0);
    int count = ints.get(1);
    for (@Parallel int i = 0; i < count; i++) {
      array.set(at + i, (float) Math.rint(array.get(at + i)));
    }
  }

  /**
   * Infinities and what comes of them are as in Java, whatever TornadoVM's own flags make of them.
   */
  @Test
  void numbersThatAreNoNumbersAreKept() {
    try (TornadoBackend backend = open();
        TensorArena arena = backend.newArena()) {
      Tensor x = arena.empty(DType.F32, 3);
      float infinity = Float.POSITIVE_INFINITY;
      backend.copy(Tensor.of(new float[] {infinity, -infinity, Float.NaN}, 3), x);
      Tensor y = arena.empty(DType.F32, 3);
      backend.copy(Tensor.of(new float[] {-infinity, 1, 1}, 3), y);
      backend.kernel(Add.class).run(x, y, y);
      assertArrayEquals(new float[] {Float.NaN, -infinity, Float.NaN}, get(backend, y));
    }
  }

  /** A group's threads, their barriers and their shared array are those of the device. */
  @Test
  void threadsOfAGroupWorkTogether() {
    try (TornadoBackend backend = open();
        TensorArena arena = backend.newArena()) {
      Tensor x = arena.empty(DType.F32, 1000);
      backend.copy(KernelHarness.normal(1, 1000), x);
      Tensor out = arena.empty(DType.F32, RowSum.THREADS);
      KernelCode sum = KernelCode.cooperative(TornadoVmDriverTest::sumOfAll);
      backend
          .device()
          .run(sum, Grid.ofRows(1, RowSum.THREADS), new int[] {1000}, new float[0], x, out);
      double expected = 0;
      for (float value : KernelHarness.normal(1, 1000).toFloats()) {
        expected += value;
      }
      for (float value : get(backend, out)) {
        assertEquals(expected, value, 1e-3);
      }
    }
  }

  /** Every thread stores the sum of all values. */
  public static void sumOfAll(
      KernelContext context, IntArray ints, FloatArray floats, FloatArray x, FloatArray out) {
    float[] shared = context.allocateFloatLocalArray(RowSum.THREADS);
    int count = ints.get(2);
    int at = ints.get(0);
    float value = 0f;
    for (int i = context.localIdx; i < count; i += RowSum.THREADS) {
      value += x.get(at + i);
    }
    float sum = RowSum.of(context, shared, value);
    out.set(ints.get(1) + context.localIdx, sum);
  }
}
