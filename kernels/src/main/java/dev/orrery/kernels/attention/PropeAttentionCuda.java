package dev.orrery.kernels.attention;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.CudaFunction;
import dev.orrery.kernels.cuda.CudaKernel;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.Locale;

/**
 * Launches {@code PropeAttention.cu}, or on a Hopper GPU {@code PropeAttentionHopper.cu}. For
 * 16-bit heads of a multiple of 8 elements up to {@value AttentionTensorCores#LARGEST_HEAD} the
 * transformed queries are written to {@code out}, keys and values to {@code room}, and tensor cores
 * attend to these; everything else takes a warp for each row. The choice does not depend on the
 * number of queries, so a query has the same bits alone and among others.
 */
public final class PropeAttentionCuda extends CudaKernel implements PropeAttention {
  private static final String STEM = "PropeAttention";
  private static final String NAME = "prope_attention";
  private static final double LOG2_E = 1 / Math.log(2);
  private static final int MOST_ROWS = 4;
  private static final int WARP = 32;

  /** Channels of a thread that transforms, and most threads of a token. */
  private static final int EIGHT = 8;

  private static final int MOST_THREADS = 512;

  /** Shared memory that every block may have without asking for it. */
  private static final int SHARED_BYTES = 48 << 10;

  private final ByDType rows;
  private final CudaFunction transformF16;
  private final CudaFunction transformBf16;
  private final AttentionTensorCores tensorCores;

  public PropeAttentionCuda(CudaDevice device) {
    super(device);
    rows = functions(STEM, NAME);
    transformF16 = device.function(STEM, "prope_transform_f16");
    transformBf16 = device.function(STEM, "prope_transform_bf16");
    tensorCores = new AttentionTensorCores(device, STEM, NAME);
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
      Tensor room,
      Tensor out) {
    if (out.elements() == 0) {
      return;
    }
    float scaleLog2 = (float) (scale * LOG2_E);
    if (AttentionTensorCores.take(q, 1, scaleLog2)
        && q.size(2) <= AttentionTensorCores.LARGEST_HEAD
        && areAligned(q, k, v, imageFromWorld, worldFromImage, room, out)) {
      transform(q, k, v, imageFromWorld, worldFromImage, plainKeys, out, room);
      tensorCores.launch(
          out,
          room.slice(0, k.size(0)),
          room.slice(k.size(0), room.size(0)),
          1,
          scaleLog2,
          out,
          imageFromWorld,
          q.size(0) / imageFromWorld.size(0));
    } else {
      launchRows(q, k, v, imageFromWorld, worldFromImage, plainKeys, scaleLog2, out);
    }
  }

  /** Writes transformed queries, and transformed keys and behind them values. */
  private void transform(
      Tensor q,
      Tensor k,
      Tensor v,
      Tensor imageFromWorld,
      Tensor worldFromImage,
      int plainKeys,
      Tensor seenQueries,
      Tensor seen) {
    int channels = q.size(1) * q.size(2);
    stream()
        .launch(
            q.dtype() == DType.F16 ? transformF16 : transformBf16,
            Math.addExact(q.size(0), seen.size(0)),
            1,
            1,
            threads(channels / EIGHT),
            0,
            q,
            k,
            v,
            imageFromWorld,
            worldFromImage,
            seenQueries,
            seen,
            q.size(0),
            k.size(0),
            channels,
            q.size(0) / imageFromWorld.size(0),
            (k.size(0) - plainKeys) / worldFromImage.size(0),
            plainKeys);
  }

  /** Whole warps, with no more of them than give every thread as many chunks. */
  private static int threads(int chunks) {
    int chunksOfThread = Math.ceilDiv(chunks, MOST_THREADS);
    return Math.ceilDiv(Math.ceilDiv(chunks, chunksOfThread), WARP) * WARP;
  }

  private void launchRows(
      Tensor q,
      Tensor k,
      Tensor v,
      Tensor imageFromWorld,
      Tensor worldFromImage,
      int plainKeys,
      float scaleLog2,
      Tensor out) {
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
            WARP * rowsPerBlock,
            bytesPerRow * rowsPerBlock,
            q,
            k,
            v,
            imageFromWorld,
            worldFromImage,
            out,
            q.size(0),
            k.size(0),
            q.size(1),
            headDim,
            q.size(0) / imageFromWorld.size(0),
            (k.size(0) - plainKeys) / worldFromImage.size(0),
            plainKeys,
            scaleLog2);
  }
}
