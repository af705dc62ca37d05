package dev.orrery.kernels.tornado;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.TornadoBackend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.elementwise.Add;
import dev.orrery.kernels.norm.RmsNorm;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Memory of a device, and the kernels that are ready to run in it. */
class TornadoDeviceTest {
  private static final long MEMORY = 1 << 30;
  private static final long SLAB = 4 << 20;

  private final EmulatedTornado driver = new EmulatedTornado(MEMORY);

  private TornadoBackend open(long slabBytes) {
    return new TornadoBackend(new TornadoDevice(driver, "tornado:0", slabBytes));
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16", "I8", "I32", "U8"})
  void newTensorsAreZero(DType dtype) {
    try (TornadoBackend backend = open(SLAB)) {
      // The second arena gets memory in which the first one has left something.
      for (int i = 0; i < 2; i++) {
        try (TensorArena arena = backend.newArena()) {
          arena.empty(dtype, 5);
          Tensor tensor = arena.empty(dtype, 3, 17);
          assertArrayEquals(new byte[51 * dtype.byteSize()], bytes(backend, tensor));
          assertEquals(56L * dtype.byteSize(), arena.byteSize());
          backend.copy(random(1, dtype, 3, 17), tensor);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16", "I8", "I32", "U8"})
  void bringsBackWhatItWasSent(DType dtype) {
    try (TornadoBackend backend = open(SLAB)) {
      for (int count : new int[] {0, 1, 1023, 1024, 1025, 65_535, 65_536, 65_537}) {
        requireRoundTrip(backend, dtype, count);
      }
    }
  }

  /** More than the largest staging array holds goes in parts. */
  @ParameterizedTest
  @EnumSource(names = {"F32", "BF16", "U8"})
  void bringsBackWhatItWasSentInParts(DType dtype) {
    try (TornadoBackend backend = open(40 << 20)) {
      for (int more : new int[] {-1, 0, 1, 70_000}) {
        requireRoundTrip(backend, dtype, (1 << 22) + more);
      }
    }
  }

  private void requireRoundTrip(TornadoBackend backend, DType dtype, int count) {
    try (TensorArena arena = backend.newArena()) {
      Tensor sent = random(count, dtype, count);
      Tensor around = arena.empty(dtype, count + 5L);
      backend.copy(sent, around.slice(3, count + 3));
      byte[] expected = new byte[(count + 5) * dtype.byteSize()];
      MemorySegment.copy(
          sent.segment(),
          ValueLayout.JAVA_BYTE,
          0,
          expected,
          3 * dtype.byteSize(),
          count * dtype.byteSize());
      assertArrayEquals(expected, bytes(backend, around));
    }
  }

  /** From and to these elements, whatever comes first and however far apart. */
  @ParameterizedTest
  @CsvSource({
    "0, 100, 100",
    "100, 0, 100",
    "0, 30, 100",
    "30, 0, 100",
    "0, 1, 50",
    "1, 0, 50",
    "7, 7, 60",
    "0, 64, 200",
    "64, 0, 200",
    "0, 99, 100",
    "99, 0, 100",
    "5, 9, 0"
  })
  void copiesThatOverlap(int from, int to, int count) {
    for (DType dtype : new DType[] {DType.F32, DType.F16, DType.U8}) {
      try (TornadoBackend backend = open(SLAB);
          TensorArena arena = backend.newArena()) {
        Tensor values = random(9, dtype, 300);
        Tensor device = arena.empty(dtype, 300);
        backend.copy(values, device);
        backend.copy(device.slice(from, from + count), device.slice(to, to + count));
        byte[] expected = bytes(values);
        int size = dtype.byteSize();
        System.arraycopy(expected, from * size, expected, to * size, count * size);
        assertArrayEquals(expected, bytes(backend, device));
      }
    }
  }

  @Test
  void copiesFromHostToHost() {
    try (TornadoBackend backend = open(SLAB)) {
      Tensor values = random(4, DType.F32, 100);
      byte[] expected = bytes(values);
      System.arraycopy(expected, 0, expected, 40, 360);
      backend.copy(values.slice(0, 90), values.slice(10, 100));
      assertArrayEquals(expected, bytes(values));
    }
  }

  @Test
  void copiesFromSlabToSlab() {
    try (TornadoBackend backend = open(SLAB);
        TensorArena one = backend.newArena();
        TensorArena other = backend.newArena()) {
      Tensor values = random(3, DType.F32, 100);
      Tensor from = one.empty(DType.F32, 100);
      Tensor to = other.empty(DType.F32, 100);
      backend.copy(values, from);
      backend.copy(from, to);
      assertArrayEquals(bytes(values), bytes(backend, to));
    }
  }

  /** A tensor that does not fit in what is left of a slab begins the next one. */
  @Test
  void tensorsDoNotCrossSlabs() {
    try (TornadoBackend backend = open(4096);
        TensorArena arena = backend.newArena()) {
      Tensor[] tensors = new Tensor[10];
      for (int i = 0; i < tensors.length; i++) {
        tensors[i] = arena.empty(DType.F32, 300);
        backend.copy(random(i, DType.F32, 300), tensors[i]);
      }
      // 1024 elements, the first 16 of which belong to nobody: three tensors a slab.
      assertEquals(4, driver.placedArrays());
      for (int i = 0; i < tensors.length; i++) {
        assertArrayEquals(bytes(random(i, DType.F32, 300)), bytes(backend, tensors[i]));
      }
    }
  }

  /** Also with slabs whose size is no multiple of anything. */
  @ParameterizedTest
  @ValueSource(longs = {4096, 4097, 4100, 4159})
  void largestTensorFillsItsSlab(long slabBytes) {
    try (TornadoBackend backend = open(slabBytes);
        TensorArena arena = backend.newArena()) {
      Tensor values = random(1, DType.F32, 1008);
      Tensor tensor = arena.empty(DType.F32, 1008);
      backend.copy(values, tensor);
      assertArrayEquals(bytes(values), bytes(backend, tensor));
      OutOfMemoryError error =
          assertThrows(OutOfMemoryError.class, () -> arena.empty(DType.F32, 1009));
      assertEquals(
          "F32[1009] takes 4,036 bytes, more than a slab of tornado:0 holds (4,032 bytes)",
          error.getMessage());
      assertEquals(4032, arena.byteSize());
    }
  }

  /** A device's largest buffer holds the header of the array too. */
  @Test
  void slabsFitInTheLargestBuffer() {
    EmulatedTornado small = new EmulatedTornado(4096);
    try (TornadoBackend backend =
            new TornadoBackend(new TornadoDevice(small, "tornado:0", 1 << 20));
        TensorArena arena = backend.newArena()) {
      arena.empty(DType.F32, 992);
      assertThrows(OutOfMemoryError.class, () -> arena.empty(DType.F32, 1008));
    }
  }

  @Test
  void exhaustedMemorySaysWhatWasAskedAndHeld() {
    EmulatedTornado small = new EmulatedTornado(10 << 20);
    try (TornadoBackend backend = new TornadoBackend(new TornadoDevice(small, "tornado:0", SLAB))) {
      for (int round = 0; round < 3; round++) {
        try (TensorArena arena = backend.newArena()) {
          arena.empty(DType.F32, 900_000);
          arena.empty(DType.BF16, 1_000_000);
          OutOfMemoryError error =
              assertThrows(OutOfMemoryError.class, () -> arena.empty(DType.U8, 3));
          assertEquals(
              "no memory on tornado:0 (emulated): 4,194,304 bytes asked for, 5,600,000 held by this"
                  + " arena, 10,485,760 in all; use a smaller model, or --backend cpu",
              error.getMessage());
          assertEquals(5_600_000, arena.byteSize());
          // What there is goes on to be of use.
          arena.empty(DType.F16, 1_000_000);
        }
        assertEquals(0, small.placedArrays());
        assertEquals(0, small.openLaunches());
      }
    }
  }

  @Test
  void closingGivesEverythingBack() {
    for (int round = 0; round < 10; round++) {
      try (TornadoBackend backend = open(SLAB)) {
        for (int i = 0; i < 10; i++) {
          try (TensorArena arena = backend.newArena()) {
            assertArrayEquals(new float[] {4, 6}, sum(backend, arena));
            assertEquals(1, driver.placedArrays());
            assertTrue(driver.openLaunches() > 0);
          }
          assertEquals(0, driver.placedArrays());
          assertEquals(0, driver.openLaunches());
        }
      }
    }
  }

  /** Launches of another arena are not touched. */
  @Test
  void closingAnArenaLeavesOthersAlone() {
    try (TornadoBackend backend = open(SLAB);
        TensorArena kept = backend.newArena()) {
      sum(backend, kept);
      int launches = driver.openLaunches();
      long compilations = backend.device().compilations();
      try (TensorArena passing = backend.newArena()) {
        sum(backend, passing);
        backend.copy(passing.empty(DType.F32, 4), kept.empty(DType.F32, 4));
        assertTrue(driver.openLaunches() > launches);
      }
      assertEquals(launches, driver.openLaunches());
      long passed = backend.device().compilations();
      assertTrue(passed > compilations);
      sum(backend, kept);
      assertEquals(passed, backend.device().compilations());
    }
  }

  private static float[] sum(TornadoBackend backend, TensorArena arena) {
    Tensor a = arena.empty(DType.F32, 2);
    Tensor b = arena.empty(DType.F32, 2);
    backend.copy(Tensor.of(new float[] {1, 2}, 2), a);
    backend.copy(Tensor.of(new float[] {3, 4}, 2), b);
    backend.kernel(Add.class).run(a, b, b);
    float[] sum = new float[2];
    backend.copy(b, Tensor.of(sum, 2));
    return sum;
  }

  @Test
  void compilesOncePerKernelAndSlabs() {
    try (TornadoBackend backend = open(64 << 10);
        TensorArena arena = backend.newArena()) {
      Tensor a = arena.empty(DType.F32, 10, 20);
      Tensor b = arena.empty(DType.F32, 30, 40);
      RmsNorm norm = backend.kernel(RmsNorm.class);
      requireCompilations(backend, 1, () -> norm.run(a, null, 1e-6, a));
      // Other tensors, extents and numbers, a grid of another size, a weight.
      requireCompilations(
          backend,
          0,
          () -> {
            norm.run(b, null, 0.5, b);
            norm.run(a.slice(3, 4), a.row(7), 1e-5, a.slice(9, 10));
          });
      Add add = backend.kernel(Add.class);
      requireCompilations(backend, 1, () -> add.run(a, a, a));
      requireCompilations(backend, 0, () -> add.run(b, b, b));
      // Fills the rest of the slab, and has one of its own.
      Tensor elsewhere = arena.empty(DType.F32, 16_000);
      requireCompilations(backend, 1, () -> add.run(a, a, elsewhere.slice(0, 200).reshape(10, 20)));
      requireCompilations(
          backend, 0, () -> add.run(b, b, elsewhere.slice(40, 1240).reshape(30, 40)));
      requireCompilations(backend, 1, () -> add.run(elsewhere, elsewhere, elsewhere));
    }
  }

  /** Clearing, sending and fetching are compiled once for each kind of array and each slab. */
  @Test
  void compilesCopiesOnce() {
    try (TornadoBackend backend = open(SLAB);
        TensorArena arena = backend.newArena()) {
      Tensor first = arena.empty(DType.BF16, 100);
      backend.copy(random(1, DType.BF16, 100), first);
      bytes(backend, first);
      backend.copy(first.slice(0, 50), first.slice(10, 60));
      requireCompilations(
          backend,
          0,
          () -> {
            Tensor other = arena.empty(DType.BF16, 200);
            backend.copy(random(2, DType.BF16, 200), other);
            bytes(backend, other);
            backend.copy(other.slice(20, 30), other.slice(0, 10));
          });
    }
  }

  private static void requireCompilations(TornadoBackend backend, long expected, Runnable calls) {
    long before = backend.device().compilations();
    calls.run();
    assertEquals(expected, backend.device().compilations() - before);
  }

  /** TornadoVM promises nothing to several threads: their calls wait for each other. */
  @Test
  void takesCallsOfSeveralThreads() throws InterruptedException {
    try (TornadoBackend backend = open(SLAB);
        TensorArena arena = backend.newArena()) {
      Tensor[] sums = new Tensor[3];
      Thread[] threads = new Thread[sums.length];
      for (int i = 0; i < sums.length; i++) {
        Tensor ones = arena.empty(DType.F32, 500 + i);
        float[] values = new float[500 + i];
        Arrays.fill(values, i + 1);
        backend.copy(Tensor.of(values, values.length), ones);
        Tensor sum = arena.empty(DType.F32, 500 + i);
        sums[i] = sum;
        threads[i] =
            Thread.ofPlatform()
                .start(
                    () -> {
                      for (int n = 0; n < 200; n++) {
                        backend.kernel(Add.class).run(sum, ones, sum);
                      }
                    });
      }
      for (int i = 0; i < sums.length; i++) {
        threads[i].join();
      }
      for (int i = 0; i < sums.length; i++) {
        float[] expected = new float[500 + i];
        Arrays.fill(expected, 200 * (i + 1));
        float[] found = new float[500 + i];
        backend.copy(sums[i], Tensor.of(found, found.length));
        assertArrayEquals(expected, found);
      }
    }
  }

  @Test
  void refusesTensorsFromElsewhereAndOtherDtypes() {
    try (TornadoBackend backend = open(SLAB);
        TensorArena arena = backend.newArena()) {
      Tensor device = arena.empty(DType.F32, 4);
      Tensor host = KernelHarness.normal(1, 4);
      IllegalStateException elsewhere =
          assertThrows(
              IllegalStateException.class,
              () -> backend.kernel(Add.class).run(device, host, device));
      assertEquals(
          "F32[4] lies in host memory, not on a device of TornadoVM", elsewhere.getMessage());
      KernelHarness.refused(
          "TornadoVM: expected F32, F16, BF16, F8_E4M3, I8, I32 or U8, found I64",
          () -> arena.empty(DType.I64, 4));
    }
  }

  private static Tensor random(long seed, DType dtype, long... extents) {
    byte[] bytes = new byte[Math.toIntExact(Shape.of(extents).elements() * dtype.byteSize())];
    new Random(seed).nextBytes(bytes);
    return Tensor.host(dtype, Shape.of(extents), MemorySegment.ofArray(bytes));
  }

  private static byte[] bytes(Tensor host) {
    return host.segment().toArray(ValueLayout.JAVA_BYTE);
  }

  private static byte[] bytes(TornadoBackend backend, Tensor tensor) {
    byte[] bytes = new byte[Math.toIntExact(tensor.byteSize())];
    backend.copy(tensor, Tensor.host(tensor.dtype(), tensor.shape(), MemorySegment.ofArray(bytes)));
    return bytes;
  }
}
