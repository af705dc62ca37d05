package dev.orrery.kernels.attention;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.CudaFunction;
import dev.orrery.kernels.cuda.CudaKernel;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.List;
import java.util.Locale;

/**
 * Launches {@code PropeAttention.cu}. 16-bit heads of a multiple of 8 elements up to 128 run on
 * tensor cores; everything else takes a warp for each row. The choice does not depend on the number
 * of queries, so a query has the same bits alone and among others.
 */
public final class PropeAttentionCuda extends CudaKernel implements PropeAttention {
  private static final String STEM = "PropeAttention";
  private static final double LOG2_E = 1 / Math.log(2);
  private static final int MOST_ROWS = 4;

  /** Shared memory that every block may have without asking for it. */
  private static final int SHARED_BYTES = 48 << 10;

  private final ByDType rows;
  private final List<AttentionTileCuda> tiles;

  public PropeAttentionCuda(CudaDevice device) {
    super(device);
    rows = functions(STEM, "prope_attention");
    tiles = List.of(tile(32, 4), tile(64, 8), tile(128, 8));
  }

  private AttentionTileCuda tile(int headDim, int warps) {
    int sharedBytes = AttentionTileCuda.sharedBytes(headDim, warps, 64, headDim);
    String name = "prope_attention_d" + headDim;
    return new AttentionTileCuda(
        headDim,
        warps,
        sharedBytes,
        headDim,
        device().function(STEM, name + suffix(DType.F16), sharedBytes),
        device().function(STEM, name + suffix(DType.BF16), sharedBytes));
  }

  @Override
  public void launch(
      Tensor q,
      Tensor k,
      Tensor v,
      Tensor imageFromWorld,
      Tensor worldFromImage,
      int plainKeys,
      double scale,
      Tensor out) {
    if (out.elements() == 0) {
      return;
    }
    int heads = q.size(1);
    int headDim = q.size(2);
    float scaleLog2 = (float) (scale * LOG2_E);
    int largest = tiles.getLast().headDim();
    CudaFunction function;
    long blocks;
    int blockRows;
    int warps;
    int sharedBytes;
    if (AttentionTileCuda.take(q.dtype(), heads, headDim, largest, scaleLog2)
        && areAligned(q, k, v, imageFromWorld, worldFromImage, out)) {
      AttentionTileCuda tile =
          tiles.stream().filter(t -> headDim <= t.headDim()).findFirst().orElseThrow();
      function = tile.of(q.dtype());
      blocks = Math.ceilDiv(q.size(0), 16 * tile.warps());
      blockRows = heads;
      warps = tile.warps();
      sharedBytes = tile.sharedBytes();
    } else {
      int bytesPerRow = 2 * headDim * Float.BYTES;
      warps = Math.min(MOST_ROWS, SHARED_BYTES / bytesPerRow);
      Check.that(
          warps > 0,
          String.format(Locale.ROOT, "q: heads of %d elements do not fit a GPU", headDim));
      function = rows.of(q.dtype());
      blocks = Math.ceilDiv((long) q.size(0) * heads, warps);
      blockRows = 1;
      sharedBytes = bytesPerRow * warps;
    }
    stream()
        .launch(
            function,
            Math.toIntExact(blocks),
            blockRows,
            1,
            32 * warps,
            sharedBytes,
            q,
            k,
            v,
            imageFromWorld,
            worldFromImage,
            out,
            q.size(0),
            k.size(0),
            heads,
            headDim,
            q.size(0) / imageFromWorld.size(0),
            (k.size(0) - plainKeys) / worldFromImage.size(0),
            plainKeys,
            scaleLog2);
  }
}
