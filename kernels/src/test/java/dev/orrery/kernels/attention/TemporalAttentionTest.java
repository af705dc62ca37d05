package dev.orrery.kernels.attention;

import static dev.orrery.kernels.KernelHarness.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.tensor.Tensor;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TemporalAttentionTest {
  @ParameterizedTest
  @CsvSource({
    "1, 1, 1, 1, 1",
    "3, 3, 24, 2, 64",
    "3, 6, 207, 2, 13",
    "2, 15, 33, 3, 80",
    "1, 20, 13, 1, 128",
    "2, 9, 130, 5, 16",
    "1, 3, 5, 1, 300"
  })
  void agreesWithTheReference(int frames, int keyFrames, int positions, int heads, int headDim) {
    Tensor q = KernelHarness.normal(1, frames, positions, heads, headDim);
    Tensor k = KernelHarness.normal(2, keyFrames, positions, heads, headDim);
    Tensor v = KernelHarness.normal(3, keyFrames, positions, heads, headDim);
    KernelHarness.agree(
        TemporalAttention.class,
        (attention, out) -> attention.run(q, k, v, 1 / Math.sqrt(headDim), out),
        frames,
        positions,
        heads,
        headDim);
  }

  /** One new frame behind a cache, a whole window at once, and frames behind a context. */
  @ParameterizedTest
  @CsvSource({
    "1, 1, 1, 1, 1",
    "1, 32, 40, 2, 64",
    "31, 31, 33, 2, 64",
    "16, 16, 70, 1, 32",
    "3, 7, 207, 2, 13",
    "9, 20, 5, 1, 8",
    "5, 9, 130, 5, 16"
  })
  void causalFramesSeeNoneAfterThem(
      int frames, int keyFrames, int positions, int heads, int headDim) {
    Tensor q = KernelHarness.normal(1, frames, positions, heads, headDim);
    Tensor k = KernelHarness.normal(2, keyFrames, positions, heads, headDim);
    Tensor v = KernelHarness.normal(3, keyFrames, positions, heads, headDim);
    double scale = 1 / Math.sqrt(headDim);
    KernelHarness.agree(
        TemporalAttention.class,
        (attention, out) -> attention.run(q, k, v, Visibility.CAUSAL, scale, out),
        frames,
        positions,
        heads,
        headDim);
    for (CpuBackend backend : new CpuBackend[] {CpuBackend.reference(1), CpuBackend.simd(2)}) {
      float[] all =
          KernelHarness.compute(
              backend,
              TemporalAttention.class,
              (attention, out) -> attention.run(q, k, v, Visibility.CAUSAL, scale, out),
              q.shape().extents());
      int each = positions * heads * headDim;
      for (int i = 0; i < frames; i++) {
        Tensor frame = q.slice(i, i + 1);
        int visible = keyFrames - frames + i + 1;
        float[] alone =
            KernelHarness.compute(
                backend,
                TemporalAttention.class,
                (attention, out) ->
                    attention.run(frame, k.slice(0, visible), v.slice(0, visible), scale, out),
                frame.shape().extents());
        assertArrayEquals(alone, Arrays.copyOfRange(all, i * each, (i + 1) * each));
      }
    }
  }

  /** The last key frame is NaN, which spoils everything it meets; only the last query sees it. */
  @Test
  void hiddenFramesDoNotMatter() {
    Tensor q = KernelHarness.normal(1, 6, 40, 2, 16);
    Tensor k = KernelHarness.normal(2, 8, 40, 2, 16);
    Tensor v = KernelHarness.normal(3, 8, 40, 2, 16);
    float[] expected = causal(q, k, v);
    k.slice(7, 8).segment().fill((byte) 0xFF);
    v.slice(7, 8).segment().fill((byte) 0xFF);
    float[] found = causal(q, k, v);
    int seen = expected.length / 6 * 5;
    assertArrayEquals(Arrays.copyOf(expected, seen), Arrays.copyOf(found, seen));
    assertTrue(Float.isNaN(found[seen]));
  }

  private static float[] causal(Tensor q, Tensor k, Tensor v) {
    return KernelHarness.compute(
        CpuBackend.simd(2),
        TemporalAttention.class,
        (attention, out) -> attention.run(q, k, v, Visibility.CAUSAL, 0.25, out),
        q.shape().extents());
  }

  @Test
  void singleKeyFrameGivesItsValues() {
    Tensor q = KernelHarness.normal(1, 2, 40, 2, 16);
    Tensor k = KernelHarness.normal(2, 1, 40, 2, 16);
    Tensor v = KernelHarness.normal(3, 1, 40, 2, 16);
    for (CpuBackend backend : new CpuBackend[] {CpuBackend.reference(1), CpuBackend.simd(1)}) {
      float[] out =
          KernelHarness.compute(
              backend,
              TemporalAttention.class,
              (attention, result) -> attention.run(q, k, v, 1e4, result),
              q.shape().extents());
      float[] expected = new float[out.length];
      System.arraycopy(v.toFloats(), 0, expected, 0, out.length / 2);
      System.arraycopy(v.toFloats(), 0, expected, out.length / 2, out.length / 2);
      assertArrayEquals(expected, out);
    }
  }

  @Test
  void refusesShapesThatDoNotFit() {
    Tensor q = KernelHarness.normal(1, 2, 4, 2, 8);
    Tensor k = KernelHarness.normal(1, 3, 4, 2, 8);
    Tensor other = KernelHarness.normal(1, 3, 5, 2, 8);
    try (CpuBackend backend = CpuBackend.simd(1)) {
      TemporalAttention attention = backend.kernel(TemporalAttention.class);
      refused(
          "k: expected F32[3, 4, 2, 8], found F32[3, 5, 2, 8]",
          () -> attention.run(q, other, k, 1, q));
      refused(
          "v: expected F32[3, 4, 2, 8], found F32[3, 5, 2, 8]",
          () -> attention.run(q, k, other, 1, q));
      refused(
          "out: expected F32[2, 4, 2, 8], found F32[3, 4, 2, 8]",
          () -> attention.run(q, k, k, 1, k));
      refused(
          "k: expected at least the 3 frames of q, found F32[2, 4, 2, 8]",
          () -> attention.run(k, q, q, Visibility.CAUSAL, 1, k));
    }
  }
}
