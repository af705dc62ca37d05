package dev.orrery.kernels.elementwise;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.ElementwiseKernel;
import dev.orrery.kernels.tensor.Tensor;

/** Launches {@code Silu.cu}: eight consecutive elements a thread. */
public final class SiluCuda extends ElementwiseKernel implements Silu {
  private final ByDType functions;

  public SiluCuda(CudaDevice device) {
    super(device);
    functions = functions("Silu", "silu");
  }

  @Override
  public void launch(Tensor x, Tensor out) {
    launchEights(functions.of(x.dtype()), out.elements(), x, out);
  }
}
