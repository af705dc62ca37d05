package dev.orrery.kernels.attention;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.CudaFunction;
import dev.orrery.kernels.cuda.CudaKernel;
import dev.orrery.kernels.cuda.TensorMap;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;

/**
 * Launches what a source makes of {@code attention_hopper.cuh}: 16-bit heads of 64 or 128 elements,
 * aligned tensors and a positive scale.
 */
final class AttentionHopperLauncher extends CudaKernel {
  /** Queries of a block, and keys of a tile. */
  static final int ROWS = 128;

  static final int THREADS = 384;
  private static final int PANEL_BYTES = 128;

  private final Head head64;
  private final Head head128;

  /** The functions of {@code stemHopper.cu}, named {@code base_hopper_d64_bf16} and so on. */
  AttentionHopperLauncher(CudaDevice device, String stem, String base) {
    super(device);
    head64 = head(stem + "Hopper", base + "_hopper_d", 64);
    head128 = head(stem + "Hopper", base + "_hopper_d", 128);
  }

  /**
   * The functions for a head dim.
   *
   * @param sharedBytes for a tile of queries, two of keys, two of values, and nine barriers
   */
  private record Head(int sharedBytes, CudaFunction f16, CudaFunction bf16) {}

  private Head head(String stem, String base, int headDim) {
    int sharedBytes = 5 * ROWS * headDim * DType.BF16.byteSize() + 9 * Long.BYTES;
    String name = base + headDim;
    return new Head(
        sharedBytes,
        device().function(stem, name + suffix(DType.F16), sharedBytes),
        device().function(stem, name + suffix(DType.BF16), sharedBytes));
  }

  static boolean takes(int headDim) {
    return headDim == 64 || headDim == 128;
  }

  /**
   * Attends.
   *
   * @param q may be {@code out}
   * @param more what the functions take behind the scale
   */
  void launch(
      Tensor q, Tensor k, Tensor v, int sequences, float scaleLog2, Tensor out, Object... more) {
    Head head = q.size(2) == 64 ? head64 : head128;
    int queries = q.size(0) / sequences;
    Object[] arguments = {
      map(q, sequences),
      map(k, sequences),
      map(v, sequences),
      out,
      queries,
      k.size(0) / sequences,
      q.size(1),
      scaleLog2
    };
    stream()
        .launch(
            q.dtype() == DType.F16 ? head.f16() : head.bf16(),
            Math.toIntExact((long) Math.ceilDiv(queries, ROWS) * q.size(1) * sequences),
            1,
            1,
            THREADS,
            head.sharedBytes(),
            AttentionTensorCores.together(arguments, more));
  }

  /**
   * Cuts boxes of 128 bytes of 128 rows of one head of a sequence. Sequences are an axis, so that
   * what lies behind the end of one reads as zero and not as the beginning of the next.
   */
  static TensorMap map(Tensor rows, int sequences) {
    long heads = rows.size(1);
    long headDim = rows.size(2);
    long length = rows.size(0) / sequences;
    return TensorMap.of(
        rows,
        new long[] {headDim, heads, length, sequences},
        new long[] {headDim, heads * headDim, length * heads * headDim},
        PANEL_BYTES / rows.dtype().byteSize(),
        1,
        ROWS,
        1);
  }
}
