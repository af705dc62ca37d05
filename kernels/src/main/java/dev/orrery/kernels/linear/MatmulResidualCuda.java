package dev.orrery.kernels.linear;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.tensor.Tensor;

/** {@link MatmulResidual} on a GPU: {@link MatmulCuda} with another epilogue. */
public final class MatmulResidualCuda extends MatmulLauncher implements MatmulResidual {
  public MatmulResidualCuda(CudaDevice device) {
    super(device, "matmul_residual");
  }

  @Override
  public void launch(Tensor x, Tensor weight, Tensor bias, Tensor gate, Tensor residual) {
    launchProduct(x, weight, bias, residual, gate, MatmulResidual.rowsPerFrame(x, gate));
  }
}
