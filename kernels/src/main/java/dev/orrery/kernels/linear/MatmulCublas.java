package dev.orrery.kernels.linear;

import dev.orrery.kernels.cuda.Cublas;
import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.CudaKernel;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;

/**
 * {@link Matmul} by NVIDIA's library for 16-bit types, to compare {@link MatmulCuda} with, which
 * keeps the fp32 products. Bias and activation are applied by a second kernel: a result that has
 * them is rounded twice.
 */
public final class MatmulCublas extends CudaKernel implements Matmul {
  private final Cublas cublas;
  private final MatmulCuda own;
  private final EpilogueCublas epilogue;

  /**
   * @param cublas opened on the device
   */
  public MatmulCublas(CudaDevice device, Cublas cublas) {
    super(device);
    this.cublas = cublas;
    own = new MatmulCuda(device);
    epilogue = new EpilogueCublas(device, "matmul_cublas");
  }

  @Override
  public void launch(Tensor x, Tensor weight, Tensor bias, Activation activation, Tensor out) {
    if (x.dtype() == DType.F32) {
      own.launch(x, weight, bias, activation, out);
      return;
    }
    requireMatrix("weight", weight, x.dtype());
    requireVector("bias", bias);
    cublas.multiply(x, weight, out);
    if (bias != null || activation != Activation.NONE) {
      epilogue.launch(out, bias, out, activation.code());
    }
  }
}
