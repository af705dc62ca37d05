package dev.orrery.kernels.position;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.CudaFunction;
import dev.orrery.kernels.cuda.ElementwiseKernel;
import dev.orrery.kernels.tensor.Tensor;

/** Launches {@code TimestepEmbedding.cu}: one angle a thread. */
public final class TimestepEmbeddingCuda extends ElementwiseKernel implements TimestepEmbedding {
  private final CudaFunction function;

  public TimestepEmbeddingCuda(CudaDevice device) {
    super(device);
    function = device.function("TimestepEmbedding", "timestep_embedding_f32");
  }

  @Override
  public void launch(Tensor timesteps, Tensor out) {
    int half = out.size(1) / 2;
    launchItems(function, (long) out.size(0) * half, timesteps, out, half);
  }
}
