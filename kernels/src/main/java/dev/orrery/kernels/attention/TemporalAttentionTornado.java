package dev.orrery.kernels.attention;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.kernels.tornado.Grid;
import dev.orrery.kernels.tornado.KernelCode;
import dev.orrery.kernels.tornado.TornadoDevice;
import dev.orrery.kernels.tornado.TornadoKernel;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * A group of 64 threads for each query: there are few frames, so tiles of queries would be empty
 * for the most part. The group takes 16 keys at a time, four threads a key for the scores and one a
 * channel for the values, with a softmax that is corrected whenever the maximum rises. Sums of
 * values wait in the output, where every thread reads only what it wrote, so any head dim fits.
 */
public final class TemporalAttentionTornado extends TornadoKernel implements TemporalAttention {
  private static final KernelCode ATTEND = KernelCode.cooperative(TemporalAttentionTornado::attend);

  /** Keys that are looked at together. */
  private static final int KEYS = 16;

  /** Threads that share a key's score. */
  private static final int PARTS = 4;

  private static final int THREADS = KEYS * PARTS;

  /** Below every score; infinities are none of a device's duties. */
  private static final float LOWEST = -3e38f;

  public TemporalAttentionTornado(TornadoDevice device) {
    super(device);
  }

  @Override
  public void launch(
      Tensor q, Tensor k, Tensor v, Visibility visibility, double scale, Tensor out) {
    int positions = q.size(1) * q.size(2);
    device()
        .run(
            ATTEND,
            Grid.ofRows(Math.multiplyExact(q.size(0), positions), THREADS),
            new int[] {
              k.size(0), positions, q.size(3), q.size(0), flag(visibility == Visibility.CAUSAL)
            },
            new float[] {(float) scale},
            q,
            k,
            v,
            out);
  }

  /** The kernel; public for TornadoVM, which compiles it. */
  public static void attend(
      KernelContext context,
      IntArray ints,
      FloatArray floats,
      FloatArray q,
      FloatArray k,
      FloatArray v,
      FloatArray out) {
    float[] parts = context.allocateFloatLocalArray(THREADS);
    float[] weights = context.allocateFloatLocalArray(KEYS);
    int positions = ints.get(5);
    int headDim = ints.get(6);
    int stride = positions * headDim;
    // Key frames that come after that of the query, where those are not seen.
    int hidden = (ints.get(7) - 1 - context.groupIdx / positions) * ints.get(8);
    int keys = ints.get(4) - hidden;
    // Of the position and head that the query belongs to, in the keys of a frame.
    int position = context.groupIdx % positions * headDim;
    int qAt = ints.get(0) + context.groupIdx * headDim;
    int kAt = ints.get(1) + position;
    int vAt = ints.get(2) + position;
    int outAt = ints.get(3) + context.groupIdx * headDim;
    int thread = context.localIdx;
    float scale = floats.get(0);
    float maximum = LOWEST;
    float total = 0f;
    for (int firstKey = 0; firstKey < keys; firstKey += KEYS) {
      int count = Math.min(KEYS, keys - firstKey);
      float dot = 0f;
      if (thread / PARTS < count) {
        int at = kAt + (firstKey + thread / PARTS) * stride;
        for (int d = thread % PARTS; d < headDim; d += PARTS) {
          dot += q.get(qAt + d) * k.get(at + d);
        }
      }
      parts[thread] = dot;
      context.localBarrier();
      float before = maximum;
      // Not in a method that is given parts: TornadoVM 5.2.0 then indexes it by bytes.
      float own = 0f;
      for (int key = 0; key < count; key++) {
        int at = key * PARTS;
        float score = (parts[at] + parts[at + 1] + (parts[at + 2] + parts[at + 3])) * scale;
        maximum = TornadoMath.max(maximum, score);
        own = key == thread ? score : own;
      }
      float correction = TornadoMath.exp(before - maximum);
      if (thread < count) {
        weights[thread] = TornadoMath.exp(own - maximum);
      }
      context.localBarrier();
      float sum = 0f;
      for (int key = 0; key < count; key++) {
        sum += weights[key];
      }
      total = total * correction + sum;
      for (int d = thread; d < headDim; d += THREADS) {
        float seen = 0f;
        for (int key = 0; key < count; key++) {
          seen += weights[key] * v.get(vAt + (firstKey + key) * stride + d);
        }
        if (firstKey > 0) {
          seen += out.get(outAt + d) * correction;
        }
        if (firstKey + KEYS >= keys) {
          seen = seen / total;
        }
        out.set(outAt + d, seen);
      }
    }
  }
}
