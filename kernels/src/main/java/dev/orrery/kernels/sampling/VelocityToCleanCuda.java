package dev.orrery.kernels.sampling;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.CudaFunction;
import dev.orrery.kernels.cuda.ElementwiseKernel;
import dev.orrery.kernels.tensor.Tensor;

/** Launches {@code VelocityToClean.cu}: eight consecutive elements a thread. */
public final class VelocityToCleanCuda extends ElementwiseKernel implements VelocityToClean {
  private final CudaFunction function;

  public VelocityToCleanCuda(CudaDevice device) {
    super(device);
    function = device.function("VelocityToClean", "velocity_to_clean_f32");
  }

  @Override
  public void launch(Tensor noisy, Tensor velocity, double sigma, Tensor out) {
    launchEights(function, out.elements(), noisy, velocity, out, sigma);
  }
}
