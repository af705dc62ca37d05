package dev.orrery.kernels.elementwise;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.ElementwiseKernel;
import dev.orrery.kernels.tensor.Tensor;

/** Launches {@code Multiply.cu}: eight consecutive elements a thread. */
public final class MultiplyCuda extends ElementwiseKernel implements Multiply {
  private final ByDType functions;

  public MultiplyCuda(CudaDevice device) {
    super(device);
    functions = functions("Multiply", "multiply");
  }

  @Override
  public void launch(Tensor a, Tensor b, Tensor out) {
    launchEights(functions.of(a.dtype()), out.elements(), a, b, out);
  }
}
