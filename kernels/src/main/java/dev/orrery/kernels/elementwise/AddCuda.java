package dev.orrery.kernels.elementwise;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.ElementwiseKernel;
import dev.orrery.kernels.tensor.Tensor;

/** Launches {@code Add.cu}: eight consecutive elements a thread. */
public final class AddCuda extends ElementwiseKernel implements Add {
  private final ByDType functions;

  public AddCuda(CudaDevice device) {
    super(device);
    functions = functions("Add", "add");
  }

  @Override
  public void launch(Tensor a, Tensor b, Tensor out) {
    launchEights(functions.of(a.dtype()), out.elements(), a, b, out);
  }
}
