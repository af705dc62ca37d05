package dev.orrery.kernels.sampling;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.CudaFunction;
import dev.orrery.kernels.cuda.ElementwiseKernel;
import dev.orrery.kernels.tensor.Tensor;

/** Launches {@code AddNoise.cu}: eight consecutive elements a thread. */
public final class AddNoiseCuda extends ElementwiseKernel implements AddNoise {
  private final CudaFunction function;

  public AddNoiseCuda(CudaDevice device) {
    super(device);
    function = device.function("AddNoise", "add_noise_f32");
  }

  @Override
  public void launch(Tensor clean, Tensor noise, float sigma, Tensor out) {
    launchEights(function, out.elements(), clean, noise, out, sigma);
  }
}
