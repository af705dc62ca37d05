package dev.orrery.kernels.attention;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.CudaFunction;
import dev.orrery.kernels.cuda.CudaKernel;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Launches what a source makes of {@code attention_tile.cuh}, or on a Hopper GPU what its
 * counterpart for Hopper makes of {@code attention_hopper.cuh}: 16-bit heads of a multiple of 8
 * elements up to {@value #LARGEST_HEAD}, in the kernel for the next larger of a few head dims. All
 * sequences are one launch. The choice does not depend on the number of queries, so a query has the
 * same bits alone and among others.
 */
final class AttentionTensorCores extends CudaKernel {
  /** Elements of the largest head. */
  static final int LARGEST_HEAD = 128;

  /** Limit of a grid in its second and third dimension. */
  private static final int MOST_BLOCKS = 65535;

  private static final int EIGHT = 8;

  private final List<Functions> portable;
  private final AttentionHopperLauncher hopper;

  /**
   * The functions of {@code stem.cu}, named {@code base_d64_bf16} and so on, and of {@code
   * stemHopper.cu}, named {@code base_hopper_d64_bf16}.
   */
  AttentionTensorCores(CudaDevice device, String stem, String base) {
    super(device);
    portable =
        Stream.of(32, 64, 96, LARGEST_HEAD)
            .map(headDim -> functions(stem, base + "_d" + headDim, headDim))
            .toList();
    hopper = device.isHopper() ? new AttentionHopperLauncher(device, stem, base) : null;
  }

  /**
   * Those of {@code attention_tile.cuh} for one head dim.
   *
   * @param headDim the largest that they take
   */
  private record Functions(int headDim, CudaFunction f16, CudaFunction bf16) {
    int threads() {
      return AttentionTile.threads(headDim, DType.BF16.byteSize());
    }

    int sharedBytes() {
      return AttentionTile.sharedBytes(headDim, DType.BF16.byteSize());
    }
  }

  private Functions functions(String stem, String name, int headDim) {
    int sharedBytes = AttentionTile.sharedBytes(headDim, DType.BF16.byteSize());
    return new Functions(
        headDim,
        device().function(stem, name + suffix(DType.F16), sharedBytes),
        device().function(stem, name + suffix(DType.BF16), sharedBytes));
  }

  /** Whether tensor cores can compute attention of these queries, with heads of any size. */
  static boolean take(Tensor q, int sequences, float scaleLog2) {
    return q.dtype() != DType.F32
        && q.size(2) % EIGHT == 0
        && q.size(1) <= MOST_BLOCKS
        && sequences <= MOST_BLOCKS
        && scaleLog2 > 0;
  }

  /**
   * Attends.
   *
   * @param q may be {@code out}
   * @param more what the functions take behind the scale
   */
  void launch(
      Tensor q, Tensor k, Tensor v, int sequences, float scaleLog2, Tensor out, Object... more) {
    int headDim = q.size(2);
    if (hopper != null && AttentionHopperLauncher.takes(headDim)) {
      hopper.launch(q, k, v, sequences, scaleLog2, out, more);
      return;
    }
    Functions functions =
        portable.stream().filter(f -> headDim <= f.headDim()).findFirst().orElseThrow();
    int queries = q.size(0) / sequences;
    Object[] arguments = {
      q, k, v, out, queries, k.size(0) / sequences, q.size(1), headDim, scaleLog2
    };
    stream()
        .launch(
            q.dtype() == DType.F16 ? functions.f16() : functions.bf16(),
            Math.ceilDiv(queries, AttentionTile.QUERIES),
            q.size(1),
            sequences,
            functions.threads(),
            functions.sharedBytes(),
            together(arguments, more));
  }

  static Object[] together(Object[] arguments, Object[] more) {
    return Stream.concat(Arrays.stream(arguments), Arrays.stream(more)).toArray();
  }
}
