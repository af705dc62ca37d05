package dev.orrery.kernels.linear.quantized;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.linear.MatmulHopperTile;
import dev.orrery.kernels.tensor.DType;
import java.util.EnumSet;

/**
 * {@link MatmulInt8} on a GPU: {@code MatmulInt8Hopper.cu} on a Hopper GPU where rows begin at
 * multiples of 16 bytes, else {@code MatmulInt8.cu}. Design and predictions:
 * docs/kernels/MatmulInt8.md.
 */
public final class MatmulInt8Cuda extends ScaledMatmulLauncher implements MatmulInt8 {
  public MatmulInt8Cuda(CudaDevice device) {
    super(
        device,
        "MatmulInt8",
        "matmul_int8",
        EnumSet.of(DType.F32, DType.F16, DType.BF16),
        EnumSet.allOf(MatmulHopperTile.class));
  }
}
