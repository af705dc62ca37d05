package dev.orrery.kernels.sampling;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.CudaFunction;
import dev.orrery.kernels.cuda.ElementwiseKernel;
import dev.orrery.kernels.tensor.Tensor;

/** Launches {@code LinearCombination.cu}: eight consecutive elements a thread. */
public final class LinearCombinationCuda extends ElementwiseKernel implements LinearCombination {
  private final CudaFunction ofTwo;
  private final CudaFunction ofThree;

  public LinearCombinationCuda(CudaDevice device) {
    super(device);
    ofTwo = device.function("LinearCombination", "linear_combination_f32");
    ofThree = device.function("LinearCombination", "linear_combination_of_three_f32");
  }

  @Override
  public void launch(double a, Tensor x, double b, Tensor y, Tensor out) {
    launchEights(ofTwo, out.elements(), x, y, out, a, b);
  }

  @Override
  public void launch(double a, Tensor x, double b, Tensor y, double c, Tensor z, Tensor out) {
    launchEights(ofThree, out.elements(), x, y, z, out, a, b, c);
  }
}
