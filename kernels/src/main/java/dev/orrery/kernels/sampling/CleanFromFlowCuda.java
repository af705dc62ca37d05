package dev.orrery.kernels.sampling;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.CudaFunction;
import dev.orrery.kernels.cuda.ElementwiseKernel;
import dev.orrery.kernels.tensor.Tensor;

/** Launches {@code CleanFromFlow.cu}: eight consecutive elements a thread. */
public final class CleanFromFlowCuda extends ElementwiseKernel implements CleanFromFlow {
  private final CudaFunction function;

  public CleanFromFlowCuda(CudaDevice device) {
    super(device);
    function = device.function("CleanFromFlow", "clean_from_flow_f32");
  }

  @Override
  public void launch(Tensor noisy, Tensor flow, double sigma, Tensor out) {
    launchEights(function, out.elements(), noisy, flow, out, sigma);
  }
}
