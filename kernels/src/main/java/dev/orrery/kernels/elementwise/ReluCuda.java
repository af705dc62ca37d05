package dev.orrery.kernels.elementwise;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.ElementwiseKernel;
import dev.orrery.kernels.tensor.Tensor;

/** Launches {@code Relu.cu}: eight consecutive elements a thread. */
public final class ReluCuda extends ElementwiseKernel implements Relu {
  private final ByDType functions;

  public ReluCuda(CudaDevice device) {
    super(device);
    functions = functions("Relu", "relu");
  }

  @Override
  public void launch(Tensor x, Tensor out) {
    launchEights(functions.of(x.dtype()), out.elements(), x, out);
  }
}
