package dev.orrery.kernels.elementwise;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.ElementwiseKernel;
import dev.orrery.kernels.tensor.Tensor;

/** Launches {@code Convert.cu}: eight consecutive elements a thread. */
public final class ConvertCuda extends ElementwiseKernel implements Convert {
  private final ByPair functions;

  public ConvertCuda(CudaDevice device) {
    super(device);
    functions = functionsOfPairs("Convert", "convert");
  }

  @Override
  public void launch(Tensor x, Tensor out) {
    launchEights(functions.of(x.dtype(), out.dtype()), x.elements(), x, out);
  }
}
