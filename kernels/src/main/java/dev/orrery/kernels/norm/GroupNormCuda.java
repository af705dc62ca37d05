package dev.orrery.kernels.norm;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.CudaFunction;
import dev.orrery.kernels.cuda.CudaKernel;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;

/**
 * Launches {@code GroupNorm.cu}: blocks of positions are measured, then groups, then all is
 * normalized. What the kernels pass to each other lies in the stream's scratch.
 */
public final class GroupNormCuda extends CudaKernel implements GroupNorm {
  private static final int THREADS = 256;
  private static final int EIGHT = 8;

  /** Four for each multiprocessor of a large GPU. */
  private static final int MOST_BLOCKS = 512;

  /** Numbers for a channel: its moments in a block; mean, factor and summand in a picture. */
  private static final int PLANES = 3;

  private final ByDType moments;
  private final CudaFunction parameters;
  private final ByDType normalize;

  public GroupNormCuda(CudaDevice device) {
    super(device);
    moments = functions("GroupNorm", "group_norm_moments");
    parameters = device.function("GroupNorm", "group_norm_parameters");
    normalize = functions("GroupNorm", "group_norm");
  }

  @Override
  public void launch(
      Tensor x,
      int groups,
      Tensor weight,
      Tensor bias,
      double eps,
      Activation activation,
      Tensor out) {
    requireVector("weight", weight);
    requireVector("bias", bias);
    if (x.elements() == 0) {
      return;
    }
    int pictures = x.size(0);
    int positions = x.size(1);
    int channels = x.size(2);
    int rows = blockRows(positions, channels);
    int blocks = Math.ceilDiv(positions, rows);
    int columnBlocks = Math.ceilDiv(channels, EIGHT * THREADS);
    Tensor all =
        stream().scratch(DType.F32, (long) pictures * (blocks + 1), (long) PLANES * channels);
    Tensor affine = all.slice(0, pictures);
    Tensor partials = all.slice(pictures, all.size(0));
    stream()
        .launch(
            moments.of(x.dtype()),
            blocks,
            columnBlocks,
            pictures,
            THREADS,
            0,
            x,
            partials,
            positions,
            channels,
            rows);
    stream()
        .launch(
            parameters,
            groups,
            pictures,
            1,
            THREADS,
            0,
            partials,
            weight,
            bias,
            (float) eps,
            affine,
            positions,
            channels,
            rows);
    stream()
        .launch(
            normalize.of(x.dtype()),
            blocks,
            columnBlocks,
            pictures,
            THREADS,
            0,
            x,
            affine,
            out,
            positions,
            channels,
            rows,
            activation.code());
  }

  /**
   * Positions of a block: two for each of its threads, or what makes few enough blocks. Nothing but
   * the size of a picture decides, so neither the GPU nor the number of pictures changes a sum.
   */
  private static int blockRows(int positions, int channels) {
    int rowThreads = Math.clamp(Math.ceilDiv(channels, EIGHT), 1, THREADS);
    return Math.max(2 * (THREADS / rowThreads), Math.ceilDiv(positions, MOST_BLOCKS));
  }
}
