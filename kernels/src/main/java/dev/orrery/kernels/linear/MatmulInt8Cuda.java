package dev.orrery.kernels.linear;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.tensor.Tensor;

/** {@link MatmulInt8} on a GPU. Design and predictions: docs/kernels/MatmulInt8.md. */
public final class MatmulInt8Cuda extends ScaledMatmulLauncher implements MatmulInt8 {
  public MatmulInt8Cuda(CudaDevice device) {
    super(device, "MatmulInt8", "matmul_int8");
  }

  @Override
  public void launch(ScaledRows x, ScaledRows weight, Tensor bias, Epilogue epilogue) {
    launchProduct(x, weight, bias, epilogue);
  }
}
