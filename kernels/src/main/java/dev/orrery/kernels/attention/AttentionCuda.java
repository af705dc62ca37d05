package dev.orrery.kernels.attention;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.CudaKernel;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.List;
import java.util.Locale;

/**
 * Launches {@code Attention.cu}, or on a Hopper GPU {@code AttentionHopper.cu}. 16-bit heads of a
 * multiple of 8 elements run on tensor cores, in the kernel for the next larger of a few head dims;
 * everything else takes a warp for each row. All sequences are one launch. The choice does not
 * depend on the number of queries, so a query has the same bits alone and among others.
 */
public final class AttentionCuda extends CudaKernel implements Attention {
  private static final String STEM = "Attention";
  private static final double LOG2_E = 1 / Math.log(2);
  private static final int MOST_ROWS = 4;

  /** Half of the limit of a grid in its third dimension, which holds up to two slices of each. */
  private static final int MOST_SEQUENCES = 65535 / 2;

  /** Shared memory that every block may have without asking for it. */
  private static final int SHARED_BYTES = 48 << 10;

  private final ByDType rows;
  private final List<AttentionTileCuda> tiles;
  private final AttentionHopperLauncher hopper;

  public AttentionCuda(CudaDevice device) {
    super(device);
    rows = functions(STEM, "attention");
    tiles =
        List.of(
            tile(32, 4, 64, 32),
            tile(64, 8, 64, 64),
            tile(96, 4, 64, 96),
            tile(128, 8, 64, 128),
            tile(256, 4, 32, 128),
            tile(384, 4, 16, 192));
    hopper = device.isHopper() ? new AttentionHopperLauncher(device) : null;
  }

  private AttentionTileCuda tile(int headDim, int warps, int keys, int columns) {
    int sharedBytes = AttentionTileCuda.sharedBytes(headDim, warps, keys, columns);
    String name = "attention_d" + headDim;
    return new AttentionTileCuda(
        headDim,
        warps,
        sharedBytes,
        columns,
        device().function(STEM, name + suffix(DType.F16), sharedBytes),
        device().function(STEM, name + suffix(DType.BF16), sharedBytes));
  }

  @Override
  public void launch(Tensor q, Tensor k, Tensor v, int sequences, double scale, Tensor out) {
    if (out.elements() == 0) {
      return;
    }
    int headDim = q.size(2);
    float scaleLog2 = (float) (scale * LOG2_E);
    if (!tensorCoresTake(q, sequences, scaleLog2) || !areAligned(q, k, v, out)) {
      launchRows(q, k, v, sequences, scaleLog2, out);
    } else if (hopper != null && AttentionHopperLauncher.takes(headDim)) {
      hopper.launch(q, k, v, sequences, scale, out);
    } else {
      AttentionTileCuda tile =
          tiles.stream().filter(t -> headDim <= t.headDim()).findFirst().orElseThrow();
      launch(tile, q, k, v, sequences, scaleLog2, out);
    }
  }

  private boolean tensorCoresTake(Tensor q, int sequences, float scaleLog2) {
    int largest = tiles.getLast().headDim();
    return sequences <= MOST_SEQUENCES
        && AttentionTileCuda.take(q.dtype(), q.size(1), q.size(2), largest, scaleLog2);
  }

  private void launch(
      AttentionTileCuda tile,
      Tensor q,
      Tensor k,
      Tensor v,
      int sequences,
      float scaleLog2,
      Tensor out) {
    int queries = q.size(0) / sequences;
    stream()
        .launch(
            tile.of(q.dtype()),
            Math.ceilDiv(queries, 16 * tile.warps()),
            q.size(1),
            sequences * Math.ceilDiv(q.size(2), tile.columns()),
            32 * tile.warps(),
            tile.sharedBytes(),
            q,
            k,
            v,
            out,
            queries,
            k.size(0) / sequences,
            q.size(1),
            q.size(2),
            scaleLog2);
  }

  private void launchRows(
      Tensor q, Tensor k, Tensor v, int sequences, float scaleLog2, Tensor out) {
    int headDim = q.size(2);
    int bytesPerRow = 2 * headDim * Float.BYTES;
    int rowsPerBlock = Math.min(MOST_ROWS, SHARED_BYTES / bytesPerRow);
    Check.that(
        rowsPerBlock > 0,
        String.format(Locale.ROOT, "q: heads of %d elements do not fit a GPU", headDim));
    stream()
        .launch(
            rows.of(q.dtype()),
            Math.toIntExact(Math.ceilDiv((long) q.size(0) * q.size(1), rowsPerBlock)),
            1,
            1,
            32 * rowsPerBlock,
            bytesPerRow * rowsPerBlock,
            q,
            k,
            v,
            out,
            sequences,
            q.size(0) / sequences,
            k.size(0) / sequences,
            q.size(1),
            headDim,
            scaleLog2);
  }
}
