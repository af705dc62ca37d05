package dev.orrery.kernels.attention;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.CudaKernel;
import dev.orrery.kernels.tensor.Tensor;

/**
 * Launches {@code TemporalAttention.cu}. What that does not take is computed as attention with a
 * head for every position and head.
 */
public final class TemporalAttentionCuda extends CudaKernel implements TemporalAttention {
  private static final double LOG2_E = 1 / Math.log(2);
  private static final int THREADS = 256;
  private static final int WARP = 32;
  private static final int ELEMENTS_PER_LANE = 8;
  private static final int QUERIES_PER_PASS = 4;

  private final ByDType functions;
  private final Attention attention;

  public TemporalAttentionCuda(CudaDevice device) {
    super(device);
    functions = functions("TemporalAttention", "temporal_attention");
    attention = new AttentionCuda(device);
  }

  @Override
  public void launch(
      Tensor q, Tensor k, Tensor v, Visibility visibility, double scale, Tensor out) {
    int frames = q.size(0);
    if (visibility == Visibility.ALL) {
      attend(q, k, v, scale, out);
      return;
    }
    for (int i = 0; i < frames; i++) {
      int visible = k.size(0) - frames + i + 1;
      attend(
          q.slice(i, i + 1), k.slice(0, visible), v.slice(0, visible), scale, out.slice(i, i + 1));
    }
  }

  private void attend(Tensor q, Tensor k, Tensor v, double scale, Tensor out) {
    long items = (long) q.size(1) * q.size(2);
    int headDim = q.size(3);
    if (headDim % ELEMENTS_PER_LANE != 0
        || headDim > WARP * ELEMENTS_PER_LANE
        || !areAligned(q, k, v, out)) {
      attention.run(
          q.reshape(q.size(0), items, headDim),
          k.reshape(k.size(0), items, headDim),
          v.reshape(v.size(0), items, headDim),
          scale,
          out.reshape(q.size(0), items, headDim));
      return;
    }
    int lanes = powerOfTwo(headDim / ELEMENTS_PER_LANE);
    stream()
        .launch(
            functions.of(q.dtype()),
            Math.toIntExact(Math.ceilDiv(items * lanes, THREADS)),
            Math.ceilDiv(q.size(0), QUERIES_PER_PASS),
            1,
            THREADS,
            0,
            q,
            k,
            v,
            out,
            q.size(0),
            k.size(0),
            items,
            headDim,
            lanes,
            (float) (scale * LOG2_E));
  }

  /** The smallest power of two that is not below a positive number. */
  private static int powerOfTwo(int number) {
    return Integer.highestOneBit(2 * number - 1);
  }
}
