package dev.orrery.kernels.attention;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.CudaFunction;
import dev.orrery.kernels.cuda.CudaKernel;
import dev.orrery.kernels.cuda.TensorMap;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;

/**
 * Launches {@code AttentionHopper.cu}: 16-bit heads of 64 or 128 elements, aligned tensors and a
 * positive scale.
 */
final class AttentionHopperLauncher extends CudaKernel {
  private static final String STEM = "AttentionHopper";
  private static final double LOG2_E = 1 / Math.log(2);
  private static final int ROWS = 128;
  private static final int THREADS = 384;
  private static final int PANEL_COLUMNS = 64;

  private final Head head64;
  private final Head head128;

  AttentionHopperLauncher(CudaDevice device) {
    super(device);
    head64 = head(64);
    head128 = head(128);
  }

  /**
   * The functions for a head dim.
   *
   * @param sharedBytes for a tile of queries, two of keys, two of values, and nine barriers
   */
  private record Head(int sharedBytes, CudaFunction f16, CudaFunction bf16) {}

  private Head head(int headDim) {
    int sharedBytes = 5 * ROWS * headDim * DType.BF16.byteSize() + 9 * Long.BYTES;
    String name = "attention_hopper_d" + headDim;
    return new Head(
        sharedBytes,
        device().function(STEM, name + suffix(DType.F16), sharedBytes),
        device().function(STEM, name + suffix(DType.BF16), sharedBytes));
  }

  static boolean takes(int headDim) {
    return headDim == 64 || headDim == 128;
  }

  void launch(Tensor q, Tensor k, Tensor v, int sequences, double scale, Tensor out) {
    Head head = q.size(2) == 64 ? head64 : head128;
    stream()
        .launch(
            q.dtype() == DType.F16 ? head.f16() : head.bf16(),
            Math.ceilDiv(q.size(0) / sequences, ROWS),
            q.size(1),
            sequences,
            THREADS,
            head.sharedBytes(),
            map(q, sequences),
            map(k, sequences),
            map(v, sequences),
            out,
            q.size(0) / sequences,
            k.size(0) / sequences,
            q.size(1),
            (float) (scale * LOG2_E));
  }

  /**
   * Cuts boxes of 64 columns of 128 rows of one head of a sequence. Sequences are an axis, so that
   * what lies behind the end of one reads as zero and not as the beginning of the next.
   */
  private static TensorMap map(Tensor rows, int sequences) {
    long heads = rows.size(1);
    long headDim = rows.size(2);
    long length = rows.size(0) / sequences;
    return TensorMap.of(
        rows,
        new long[] {headDim, heads, length, sequences},
        new long[] {headDim, heads * headDim, length * heads * headDim},
        PANEL_COLUMNS,
        1,
        ROWS,
        1);
  }
}
