package dev.orrery.kernels.elementwise;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.ElementwiseKernel;
import dev.orrery.kernels.tensor.Tensor;

/** Launches {@code GatedResidual.cu}: eight consecutive elements a thread. */
public final class GatedResidualCuda extends ElementwiseKernel implements GatedResidual {
  private final ByDType functions;

  public GatedResidualCuda(CudaDevice device) {
    super(device);
    functions = functions("GatedResidual", "gated_residual");
  }

  @Override
  public void launch(Tensor x, Tensor y, Tensor gate, Tensor out) {
    int tokensPerFrame = x.size(0) / gate.size(0);
    launchEights(
        functions.of(x.dtype()), out.elements(), x, y, gate, out, tokensPerFrame, x.size(1));
  }
}
