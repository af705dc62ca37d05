package dev.orrery.kernels.linear;

import dev.orrery.kernels.cuda.Cublas;
import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.CudaKernel;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;

/**
 * {@link MatmulResidual} by NVIDIA's library for 16-bit types, as {@link MatmulCublas} is {@link
 * Matmul}: the product is stored first, and then added to the residual by a second kernel.
 */
public final class MatmulResidualCublas extends CudaKernel implements MatmulResidual {
  private final Cublas cublas;
  private final MatmulResidualCuda own;
  private final EpilogueCublas epilogue;

  /**
   * @param cublas opened on the device
   */
  public MatmulResidualCublas(CudaDevice device, Cublas cublas) {
    super(device);
    this.cublas = cublas;
    own = new MatmulResidualCuda(device);
    epilogue = new EpilogueCublas(device, "matmul_residual_cublas");
  }

  @Override
  public void launch(Tensor x, Tensor weight, Tensor bias, Tensor gate, Tensor residual) {
    if (x.dtype() == DType.F32) {
      own.launch(x, weight, bias, gate, residual);
      return;
    }
    requireMatrix("weight", weight, x.dtype());
    requireVector("bias", bias);
    Tensor product = stream().scratch(x.dtype(), residual.size(0), residual.size(1));
    cublas.multiply(x, weight, product);
    epilogue.launch(product, bias, residual, gate, MatmulResidual.rowsPerFrame(x, gate));
  }
}
