package dev.orrery.kernels.elementwise;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.ElementwiseKernel;
import dev.orrery.kernels.tensor.Tensor;

/** Launches {@code ChannelAffine.cu}: eight consecutive elements a thread. */
public final class ChannelAffineCuda extends ElementwiseKernel implements ChannelAffine {
  private final ByPair functions;

  public ChannelAffineCuda(CudaDevice device) {
    super(device);
    functions = functionsOfPairs("ChannelAffine", "channel_affine");
  }

  @Override
  public void launch(Tensor x, Tensor scale, Tensor offset, Tensor out) {
    launchEights(
        functions.of(x.dtype(), out.dtype()), out.elements(), x, scale, offset, out, x.size(1));
  }
}
