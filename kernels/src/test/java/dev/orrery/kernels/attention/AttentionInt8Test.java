package dev.orrery.kernels.attention;

import static dev.orrery.kernels.KernelHarness.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.attention.AttentionInt8.Room;
import dev.orrery.kernels.backend.HostArena;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AttentionInt8Test {
  private static Room room(Tensor q, Tensor k, Cameras cameras) {
    return Room.of(q, k, cameras != null, new HostArena()::empty);
  }

  /** One key, blocks of keys that end early and that do not, and more keys than the mean has. */
  @ParameterizedTest
  @CsvSource({
    "1, 1, 1, 16",
    "13, 13, 3, 48",
    "72, 216, 3, 64",
    "33, 128, 1, 128",
    "31, 129, 2, 112",
    "7, 385, 2, 32"
  })
  void agreesWithTheReference(int queries, int keys, int heads, int headDim) {
    agree(queries, keys, heads, headDim, null);
  }

  /** Plain keys that end within a block and with one. */
  @ParameterizedTest
  @CsvSource({"12, 36, 2, 16, 3, 4, 0", "26, 130, 3, 64, 2, 3, 7", "10, 260, 1, 128, 5, 4, 128"})
  void agreesWithTheReferenceWithCameras(
      int queries, int keys, int heads, int headDim, int queryFrames, int keyFrames, int plain) {
    agree(queries, keys, heads, headDim, cameras(queryFrames, keyFrames, plain));
  }

  private static Cameras cameras(int queryFrames, int keyFrames, int plain) {
    return new Cameras(
        Tensor.of(CameraMatrices.random(4, queryFrames, null).imageFromWorld(), queryFrames, 4, 4),
        Tensor.of(CameraMatrices.random(5, keyFrames, null).worldFromImage(), keyFrames, 4, 4),
        plain);
  }

  private static void agree(int queries, int keys, int heads, int headDim, Cameras cameras) {
    Tensor q = KernelHarness.normal(1, queries, heads, headDim);
    Tensor k = KernelHarness.normal(2, keys, heads, headDim);
    Tensor v = KernelHarness.normal(3, keys, heads, headDim);
    KernelHarness.agree(
        AttentionInt8.class,
        (attention, out) ->
            attention.run(q, k, v, cameras, 1 / Math.sqrt(headDim), room(q, k, cameras), out),
        queries,
        heads,
        headDim);
  }

  /**
   * Int8 leaves the output 1 % away from that of exact scores; a scale that is wrong by a tenth, 5
   * % or more. The keys have an offset ten times as large as what differs between them, without
   * which int8 would tell little of them.
   */
  @ParameterizedTest
  @CsvSource({"false, 0.002, 0.02", "true, 0.002, 0.02"})
  void isNearExactAttention(boolean offset, double least, double most) {
    Tensor q = KernelHarness.normal(1, 60, 2, 64);
    Tensor k = KernelHarness.normal(2, 300, 2, 64);
    Tensor v = KernelHarness.normal(3, 300, 2, 64);
    float[] exact = exact(q, k, v, 0.25);
    double wrong = relativeError(exact, exact(q, k, v, 0.225));
    assertTrue(wrong > 2.5 * most, () -> "a wrong scale: " + wrong);
    Tensor keys = offset ? withOffset(k) : k;
    for (CpuBackend backend : new CpuBackend[] {CpuBackend.reference(1), CpuBackend.simd(2)}) {
      double error = relativeError(exact, compute(backend, q, keys, v, 0.25));
      assertTrue(error >= least && error <= most, () -> "relative L2 error " + error);
    }
  }

  /** The same for all keys, and so for no weight a difference. */
  private static Tensor withOffset(Tensor k) {
    Tensor shifted = KernelHarness.normal(2, k.shape().extents());
    FloatView view = FloatView.of(shifted);
    int channels = k.size(1) * k.size(2);
    for (long i = 0; i < shifted.elements(); i++) {
      view.set(i, view.get(i) + 10 * Math.sin(1 + i % channels));
    }
    return shifted;
  }

  private static double relativeError(float[] expected, float[] found) {
    double error = 0;
    double norm = 0;
    for (int i = 0; i < expected.length; i++) {
      error += Math.pow(found[i] - (double) expected[i], 2);
      norm += Math.pow(expected[i], 2);
    }
    return Math.sqrt(error / norm);
  }

  private static float[] exact(Tensor q, Tensor k, Tensor v, double scale) {
    return KernelHarness.compute(
        CpuBackend.reference(1),
        Attention.class,
        (attention, out) -> attention.run(q, k, v, scale, out),
        q.shape().extents());
  }

  private static float[] compute(CpuBackend backend, Tensor q, Tensor k, Tensor v, double scale) {
    return KernelHarness.compute(
        backend,
        AttentionInt8.class,
        (attention, out) -> attention.run(q, k, v, null, scale, room(q, k, null), out),
        q.shape().extents());
  }

  /** Rows whose values int8 holds exactly, and keys whose mean is zero. */
  @Test
  void leavesWhatTheContractSays() {
    float[] queries = new float[2 * 16];
    queries[3] = 2.54f;
    queries[4] = -1;
    queries[16 + 5] = -127;
    // The mean is that of keys 0, 2, 4, ..: 2 in channel 2, and nothing of key 129.
    float[] keys = new float[130 * 16];
    for (int j = 0; j < 130; j++) {
      keys[16 * j + 2] = j == 129 ? 3 : 2;
    }
    keys[16] = -63.5f;
    keys[16 * 129] = 254;
    Tensor q = Tensor.of(queries, 2, 1, 16);
    Tensor k = Tensor.of(keys, 130, 1, 16);
    Room room = room(q, k, null);
    try (CpuThreads threads = new CpuThreads(2)) {
      Int8HeadsCpu.quantize(threads, q, k, null, room);
    }
    assertArrayEquals(new float[] {2.54f / 127, 1}, room.queryScales().toFloats());
    assertEquals(127, FloatView.of(room.queries()).get(3));
    assertEquals(-50, FloatView.of(room.queries()).get(4));
    assertEquals(-127, FloatView.of(room.queries()).get(16 + 5));
    float[] scales = room.keyScales().toFloats();
    assertArrayEquals(new float[] {0.5f, 2}, scales);
    FloatView stored = FloatView.of(room.keys());
    assertEquals(-127, stored.get(16));
    assertEquals(0, stored.get(16 + 2));
    assertEquals(127, stored.get(16 * 129));
    assertEquals(0, stored.get(16 * 129 + 2), "half a step, rounded to even");
  }

  @Test
  void keysOfZerosGiveTheMeanOfTheValues() {
    Tensor q = KernelHarness.normal(1, 3, 1, 16);
    Tensor k = Tensor.of(new float[200 * 16], 200, 1, 16);
    float[] values = new float[200 * 16];
    for (int i = 0; i < values.length; i++) {
      values[i] = i / 16 % 2 + i % 16;
    }
    Tensor v = Tensor.of(values, 200, 1, 16);
    for (CpuBackend backend : new CpuBackend[] {CpuBackend.reference(1), CpuBackend.simd(1)}) {
      float[] out = compute(backend, q, k, v, 1);
      for (int i = 0; i < out.length; i++) {
        assertEquals(0.5 + i % 16, out[i], 1e-5);
      }
    }
  }

  @Test
  void queryHasTheSameBitsAloneAndAmongOthers() {
    Tensor q = KernelHarness.normal(1, 207, 3, 48);
    Tensor k = KernelHarness.normal(2, 300, 3, 48);
    Tensor v = KernelHarness.normal(3, 300, 3, 48);
    float[] all = compute(CpuBackend.simd(2), q, k, v, 0.2);
    for (int row : new int[] {0, 31, 150, 206}) {
      float[] one = compute(CpuBackend.simd(1), q.slice(row, row + 1), k, v, 0.2);
      assertArrayEquals(Arrays.copyOfRange(all, row * 144, (row + 1) * 144), one);
    }
  }

  @Test
  void refusesShapesThatDoNotFit() {
    Tensor q = KernelHarness.normal(1, 4, 2, 16);
    Tensor k = KernelHarness.normal(1, 6, 2, 16);
    Tensor narrow = KernelHarness.normal(1, 4, 2, 24);
    Tensor wide = KernelHarness.normal(1, 4, 1, 144);
    try (CpuBackend backend = CpuBackend.simd(1)) {
      AttentionInt8 attention = backend.kernel(AttentionInt8.class);
      Room room = room(q, k, null);
      refused(
          "scale: expected a positive number, found 0.0",
          () -> attention.run(q, k, k, null, 0, room, q));
      refused(
          "q: expected heads of at most 128 channels, found F32[4, 1, 144]",
          () -> attention.run(wide, wide, wide, null, 1, room, wide));
      refused(
          "head dim of q: expected a multiple of channels of a step = 16, found 24",
          () -> attention.run(narrow, narrow, narrow, null, 1, room, narrow));
      refused(
          "room for queries: expected I8[3, 2, 16], found I8[4, 2, 16]",
          () -> attention.run(q.slice(0, 3), k, k, null, 1, room, q.slice(0, 3)));
      refused(
          "room for keys: expected I8[4, 2, 16], found I8[6, 2, 16]",
          () -> attention.run(q, q, q, null, 1, room, q));
      refused(
          "plainKeys: expected 0 to 5, found 6",
          () -> attention.run(q, k, k, cameras(2, 3, 6), 1, room, q));
      assertEquals(DType.F32, room.values().dtype());
    }
  }
}
