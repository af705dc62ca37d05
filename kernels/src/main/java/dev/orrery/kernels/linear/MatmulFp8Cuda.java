package dev.orrery.kernels.linear;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;

/**
 * {@link MatmulFp8} on a GPU: {@code MatmulFp8Hopper.cu} for 16-bit results on a Hopper GPU where
 * rows begin at multiples of 16 bytes, else {@code MatmulFp8.cu}. Design and predictions:
 * docs/kernels/MatmulFp8.md.
 */
public final class MatmulFp8Cuda extends ScaledMatmulLauncher implements MatmulFp8 {
  private final MatmulFp8HopperLauncher hopper;

  public MatmulFp8Cuda(CudaDevice device) {
    super(device, "MatmulFp8", "matmul_fp8");
    hopper = device.isHopper() ? new MatmulFp8HopperLauncher(device) : null;
  }

  @Override
  public void launch(ScaledRows x, ScaledRows weight, Tensor bias, Epilogue epilogue) {
    if (hopper != null && epilogue.target().dtype() != DType.F32 && suitTensorCores(x, weight)) {
      requireVector("bias", bias);
      hopper.launch(x, weight, bias, epilogue);
    } else {
      launchProduct(x, weight, bias, epilogue);
    }
  }
}
