package dev.orrery.kernels.elementwise;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.ElementwiseKernel;
import dev.orrery.kernels.tensor.Tensor;

/** Launches {@code SoftClamp.cu}: eight consecutive elements a thread. */
public final class SoftClampCuda extends ElementwiseKernel implements SoftClamp {
  private final ByDType functions;

  public SoftClampCuda(CudaDevice device) {
    super(device);
    functions = functions("SoftClamp", "soft_clamp");
  }

  @Override
  public void launch(Tensor x, double limit, Tensor out) {
    launchEights(functions.of(x.dtype()), out.elements(), x, out, (float) limit);
  }
}
