package dev.orrery.kernels.attention;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.CudaKernel;
import dev.orrery.kernels.tensor.Tensor;

/**
 * Launches {@code TemporalAttention.cu}. What that does not take is computed as attention with a
 * head for every position and head, one query frame after the other if it is causal.
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
    long items = (long) q.size(1) * q.size(2);
    int headDim = q.size(3);
    if (headDim % ELEMENTS_PER_LANE != 0
        || headDim > WARP * ELEMENTS_PER_LANE
        || !areAligned(q, k, v, out)) {
      attendByHead(q, k, v, visibility, scale, out);
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
            visibility == Visibility.CAUSAL ? q.size(0) - 1 : 0,
            items,
            headDim,
            lanes,
            (float) (scale * LOG2_E));
  }

  private void attendByHead(
      Tensor q, Tensor k, Tensor v, Visibility visibility, double scale, Tensor out) {
    int frames = q.size(0);
    int together = visibility == Visibility.ALL ? frames : 1;
    for (int first = 0; first < frames; first += together) {
      int end = first + together;
      int visible = k.size(0) - frames + end;
      attention.run(
          heads(q.slice(first, end)),
          heads(k.slice(0, visible)),
          heads(v.slice(0, visible)),
          scale,
          heads(out.slice(first, end)));
    }
  }

  private static Tensor heads(Tensor frames) {
    return frames.reshape(frames.size(0), (long) frames.size(1) * frames.size(2), frames.size(3));
  }

  /** The smallest power of two that is not below a positive number. */
  private static int powerOfTwo(int number) {
    return Integer.highestOneBit(2 * number - 1);
  }
}
