package dev.orrery.kernels.attention;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.CudaKernel;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.Tensor;

/** Launches {@code BiasedAttention.cu}: a warp for every query of every head. */
public final class BiasedAttentionCuda extends CudaKernel implements BiasedAttention {
  private static final double LOG2_E = 1 / Math.log(2);
  private static final int WARPS = 4;
  private static final int WARP = 32;

  /** Columns that the lanes of a warp keep in registers. */
  private static final int MOST_COLUMNS = 256;

  private final ByDType functions;

  public BiasedAttentionCuda(CudaDevice device) {
    super(device);
    functions = functions("BiasedAttention", "biased_attention");
  }

  /**
   * @throws IllegalArgumentException also for a head dim above 256
   */
  @Override
  public void launch(Tensor q, Tensor k, Tensor v, Tensor bias, double scale, Tensor out) {
    int headDim = q.size(2);
    Check.that(
        headDim <= MOST_COLUMNS,
        "q: expected a head dim of at most " + MOST_COLUMNS + " on a GPU, found " + q);
    stream()
        .launch(
            functions.of(q.dtype()),
            Math.ceilDiv(q.size(0), WARPS),
            q.size(1),
            1,
            WARPS * WARP,
            0,
            q,
            k,
            v,
            bias,
            out,
            q.size(0),
            k.size(0),
            q.size(1),
            k.size(1),
            headDim,
            (float) (scale * LOG2_E));
  }
}
