package dev.orrery.kernels.attention;

import static dev.orrery.kernels.KernelHarness.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PropeAttentionTest {
  private static final IntFunction<CpuBackend> REFERENCE = CpuBackend::reference;
  private static final IntFunction<CpuBackend> SIMD = CpuBackend::simd;

  /**
   * Frames that end within panels and chunks of keys, one token a frame, one frame; none, one and
   * more plain keys than a chunk has.
   */
  @ParameterizedTest
  @CsvSource({
    "1, 1, 1, 4, 1, 1, 0",
    "13, 13, 3, 40, 13, 1, 0",
    "72, 216, 3, 64, 3, 9, 0",
    "207, 207, 2, 80, 9, 9, 0",
    "33, 195, 1, 128, 3, 5, 0",
    "31, 191, 2, 12, 1, 191, 0",
    "6, 386, 1, 384, 2, 2, 0",
    "300, 3, 4, 20, 4, 3, 0",
    "1, 2, 1, 4, 1, 1, 1",
    "33, 208, 1, 128, 3, 5, 13",
    "31, 398, 2, 12, 1, 191, 207",
    "72, 193, 3, 64, 3, 1, 192"
  })
  void agreesWithTheReference(
      int queries, int keys, int heads, int headDim, int queryFrames, int keyFrames, int plain) {
    Operands x =
        Operands.random(queries, keys, heads, headDim, queryFrames, keyFrames, null).plain(plain);
    KernelHarness.agree(
        PropeAttention.class, (attention, out) -> x.run(attention, out), queries, heads, headDim);
  }

  /** Attention of operands that were transformed one by one, written from the definition. */
  @ParameterizedTest
  @ValueSource(ints = {0, 3, 6, 33})
  void isAttentionOfTransformedOperands(int plain) {
    Operands x = Operands.random(24, 36, 2, 12, 4, 3, null).plain(plain);
    Tensor q = transformed(x.q(), 0, x.imageFromWorld(), true);
    Tensor k = transformed(x.k(), plain, x.worldFromImage(), false);
    Tensor v = transformed(x.v(), plain, x.worldFromImage(), false);
    float[] seen =
        KernelHarness.compute(
            CpuBackend.reference(1),
            Attention.class,
            (attention, out) -> attention.run(q, k, v, x.scale(), out),
            24,
            2,
            12);
    float[] expected =
        transformed(Tensor.of(seen, 24, 2, 12), 0, x.imageFromWorld(), false).toFloats();
    KernelHarness.assertClose("reference", expected, compute(REFERENCE, x), 1e-6);
    KernelHarness.assertClose("simd", expected, compute(SIMD, x), 2e-6);
  }

  private static Tensor transformed(Tensor tokens, int plain, Tensor matrices, boolean transpose) {
    float[] from = tokens.toFloats();
    float[] matrix = matrices.toFloats();
    float[] to = from.clone();
    int first = plain * tokens.size(1) * tokens.size(2);
    int perFrame = (from.length - first) / matrices.size(0);
    for (int e = first; e < from.length; e++) {
      int i = e % 4;
      double sum = 0;
      for (int j = 0; j < 4; j++) {
        int element = transpose ? 4 * j + i : 4 * i + j;
        sum += (double) matrix[(e - first) / perFrame * 16 + element] * from[e - i + j];
      }
      to[e] = (float) sum;
    }
    return Tensor.of(to, tokens.shape().extents());
  }

  /**
   * The scores and outputs hold products of matrices of a few units whose effects cancel, which
   * leaves fp32 some 1e-6 of the result.
   */
  @Test
  void onlyRelativePosesMatter() {
    double[] motion = CameraMatrices.pose(new Random(99));
    for (IntFunction<CpuBackend> backend : List.of(REFERENCE, SIMD)) {
      float[] here = compute(backend, Operands.random(40, 80, 2, 32, 4, 8, null));
      float[] there = compute(backend, Operands.random(40, 80, 2, 32, 4, 8, motion));
      KernelHarness.assertClose("moved cameras", here, there, 5e-6);
    }
  }

  /** The converse: a camera that moves alone changes what is seen. */
  @Test
  void aCameraThatMovesAloneChangesTheOutput() {
    Operands x = Operands.random(8, 8, 1, 8, 1, 1, null);
    Operands moved =
        new Operands(
            x.q(),
            x.k(),
            x.v(),
            x.imageFromWorld(),
            Operands.random(8, 8, 1, 8, 1, 1, CameraMatrices.pose(new Random(99))).worldFromImage(),
            0);
    float[] before = compute(SIMD, x);
    float[] after = compute(SIMD, moved);
    double difference =
        IntStream.range(0, before.length).mapToDouble(i -> Math.abs(before[i] - after[i])).sum();
    assertTrue(difference > 0.1 * before.length, "difference " + difference);
  }

  @Test
  void withinOneFrameItIsAttention() {
    CameraMatrices camera = CameraMatrices.random(5, 1, null);
    Operands x = Operands.random(20, 30, 2, 16, 1, 1, null);
    Operands same =
        new Operands(
            x.q(),
            x.k(),
            x.v(),
            Tensor.of(camera.imageFromWorld(), 1, 4, 4),
            Tensor.of(camera.worldFromImage(), 1, 4, 4),
            0);
    float[] expected =
        KernelHarness.compute(
            CpuBackend.reference(1),
            Attention.class,
            (attention, out) -> attention.run(x.q(), x.k(), x.v(), x.scale(), out),
            20,
            2,
            16);
    KernelHarness.assertClose("reference", expected, compute(REFERENCE, same), 2e-6);
    KernelHarness.assertClose("simd", expected, compute(SIMD, same), 2e-6);
  }

  @Test
  void frameOfQueriesHasTheSameBitsAloneAndAmongOthers() {
    Operands x = Operands.random(207, 507, 3, 40, 9, 10, null).plain(7);
    float[] all = compute(SIMD, x);
    for (int frame : new int[] {0, 4, 8}) {
      int first = frame * 23;
      Operands one =
          new Operands(
              x.q().slice(first, first + 23),
              x.k(),
              x.v(),
              x.imageFromWorld().slice(frame, frame + 1),
              x.worldFromImage(),
              7);
      assertArrayEquals(
          Arrays.copyOfRange(all, first * 120, (first + 23) * 120), compute(SIMD, one));
    }
  }

  @Test
  void refusesShapesThatDoNotFit() {
    Operands x = Operands.random(6, 10, 2, 8, 3, 5, null);
    Tensor odd = KernelHarness.normal(1, 6, 2, 6);
    Tensor three = KernelHarness.normal(1, 3, 3, 3);
    Tensor out = KernelHarness.normal(1, 6, 2, 8);
    refuses(
        "head dim of q: expected a multiple of channels of a group = 4, found 6",
        new Operands(odd, odd, odd, x.imageFromWorld(), x.imageFromWorld(), 0),
        odd);
    refuses(
        "v: expected F32[10, 2, 8], found F32[6, 2, 8]",
        new Operands(x.q(), x.k(), x.q(), x.imageFromWorld(), x.worldFromImage(), 0),
        out);
    refuses(
        "tokens of q: expected a multiple of frames of imageFromWorld = 5, found 6",
        new Operands(x.q(), x.k(), x.v(), x.worldFromImage(), x.worldFromImage(), 0),
        out);
    Operands threeFrames =
        new Operands(x.q(), x.k(), x.v(), x.imageFromWorld(), x.imageFromWorld(), 0);
    refuses(
        "tokens of k: expected a multiple of frames of worldFromImage = 3, found 10",
        threeFrames,
        out);
    refuses(
        "tokens of k behind the plain ones: expected a multiple of frames of worldFromImage = 3,"
            + " found 8",
        threeFrames.plain(2),
        out);
    refuses("plainKeys: expected 0 to 9, found -1", x.plain(-1), out);
    refuses("plainKeys: expected 0 to 9, found 10", x.plain(10), out);
    refuses(
        "imageFromWorld: expected F32[3, 4, 4], found F32[3, 3, 3]",
        new Operands(x.q(), x.k(), x.v(), three, x.worldFromImage(), 0),
        out);
    refuses("out: expected F32[6, 2, 8], found F32[10, 2, 8]", x, x.k());
  }

  private static void refuses(String message, Operands x, Tensor out) {
    try (CpuBackend backend = CpuBackend.reference(1)) {
      PropeAttention attention = backend.kernel(PropeAttention.class);
      refused(message, () -> x.run(attention, out));
    }
  }

  private static float[] compute(IntFunction<CpuBackend> backend, Operands x) {
    return KernelHarness.compute(
        backend.apply(2),
        PropeAttention.class,
        (attention, out) -> x.run(attention, out),
        x.q().shape().extents());
  }

  /** The inputs of a call. */
  private record Operands(
      Tensor q, Tensor k, Tensor v, Tensor imageFromWorld, Tensor worldFromImage, int plainKeys) {
    static Operands random(
        int queries,
        int keys,
        int heads,
        int headDim,
        int queryFrames,
        int keyFrames,
        double[] motion) {
      CameraMatrices ofQueries = CameraMatrices.random(4, queryFrames, motion);
      CameraMatrices ofKeys = CameraMatrices.random(5, keyFrames, motion);
      return new Operands(
          KernelHarness.normal(1, queries, heads, headDim),
          KernelHarness.normal(2, keys, heads, headDim),
          KernelHarness.normal(3, keys, heads, headDim),
          Tensor.of(ofQueries.imageFromWorld(), queryFrames, 4, 4),
          Tensor.of(ofKeys.worldFromImage(), keyFrames, 4, 4),
          0);
    }

    /** The same, whose first keys belong to no frame. */
    Operands plain(int keys) {
      return new Operands(q, k, v, imageFromWorld, worldFromImage, keys);
    }

    double scale() {
      return 1 / Math.sqrt(q.size(2));
    }

    void run(PropeAttention attention, Tensor out) {
      Tensor none = Tensor.of(new float[0], 0, k.size(1), k.size(2));
      attention.run(q, k, v, imageFromWorld, worldFromImage, plainKeys, scale(), none, out);
    }
  }
}
