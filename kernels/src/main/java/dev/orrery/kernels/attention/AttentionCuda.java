package dev.orrery.kernels.attention;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.CudaFunction;
import dev.orrery.kernels.cuda.CudaKernel;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.Locale;

/**
 * Launches {@code Attention.cu}, or on a Hopper GPU {@code AttentionHopper.cu}. 16-bit heads of a
 * multiple of 8 elements run on tensor cores, those of more than {@value
 * AttentionTensorCores#LARGEST_HEAD} by slices of their columns; everything else takes a warp for
 * each row. The choice does not depend on the number of queries, so a query has the same bits alone
 * and among others.
 */
public final class AttentionCuda extends CudaKernel implements Attention {
  private static final String STEM = "Attention";
  private static final double LOG2_E = 1 / Math.log(2);
  private static final int MOST_ROWS = 4;

  /** Limit of a grid in its third dimension. */
  private static final int MOST_SLICES = 65535;

  /** Shared memory that every block may have without asking for it. */
  private static final int SHARED_BYTES = 48 << 10;

  private final ByDType rows;
  private final AttentionTensorCores tensorCores;
  private final Wide wide;

  public AttentionCuda(CudaDevice device) {
    super(device);
    rows = functions(STEM, "attention");
    tensorCores = new AttentionTensorCores(device, STEM, "attention");
    wide =
        new Wide(
            device.function(STEM, "attention_wide_f16", Wide.SHARED_BYTES),
            device.function(STEM, "attention_wide_bf16", Wide.SHARED_BYTES));
  }

  /** What a block of {@code attention_wide.cuh} works on, in the numbers of {@code Wide} there. */
  private record Wide(CudaFunction f16, CudaFunction bf16) {
    static final int THREADS = 128;
    static final int QUERIES = 64;
    static final int COLUMNS = 192;

    /** For three tiles of the values of 64 keys. */
    static final int SHARED_BYTES = 3 * 64 * COLUMNS * 2;

    static int slices(int headDim) {
      return Math.ceilDiv(headDim, COLUMNS);
    }
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
    } else if (headDim <= AttentionTensorCores.LARGEST_HEAD) {
      tensorCores.launch(q, k, v, sequences, scaleLog2, out);
    } else {
      launchWide(q, k, v, sequences, scaleLog2, out);
    }
  }

  private static boolean tensorCoresTake(Tensor q, int sequences, float scaleLog2) {
    return AttentionTensorCores.take(q, sequences, scaleLog2)
        && (long) sequences * Wide.slices(q.size(2)) <= MOST_SLICES;
  }

  private void launchWide(
      Tensor q, Tensor k, Tensor v, int sequences, float scaleLog2, Tensor out) {
    int queries = q.size(0) / sequences;
    stream()
        .launch(
            q.dtype() == DType.F16 ? wide.f16() : wide.bf16(),
            Math.ceilDiv(queries, Wide.QUERIES),
            q.size(1),
            sequences * Wide.slices(q.size(2)),
            Wide.THREADS,
            Wide.SHARED_BYTES,
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
