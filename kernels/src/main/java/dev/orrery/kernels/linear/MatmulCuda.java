package dev.orrery.kernels.linear;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.tensor.Tensor;

/** {@link Matmul} on a GPU. Design and predictions: docs/kernels/Matmul.md. */
public final class MatmulCuda extends MatmulLauncher implements Matmul {
  public MatmulCuda(CudaDevice device) {
    super(device, "matmul");
  }

  @Override
  public void launch(Tensor x, Tensor weight, Tensor bias, Activation activation, Tensor out) {
    launchProduct(x, weight, bias, out, activation.code());
  }
}
