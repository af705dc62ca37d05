package dev.orrery.kernels.linear;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.tensor.Tensor;

/** {@link MatmulFp8} on a GPU. Design and predictions: docs/kernels/MatmulFp8.md. */
public final class MatmulFp8Cuda extends CudaScaledMatmul implements MatmulFp8 {
  public MatmulFp8Cuda(CudaDevice device) {
    super(device, "MatmulFp8", "matmul_fp8");
  }

  @Override
  public void launch(ScaledRows x, ScaledRows weight, Tensor bias, LinearEnd end) {
    launchProduct(x, weight, bias, end);
  }
}
