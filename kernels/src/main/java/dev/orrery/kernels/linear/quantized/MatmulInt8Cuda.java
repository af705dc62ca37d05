package dev.orrery.kernels.linear.quantized;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.linear.Epilogue;
import dev.orrery.kernels.linear.MatmulHopperTile;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.EnumSet;

/**
 * {@link MatmulInt8} on a GPU: {@code MatmulInt8Hopper.cu} on a Hopper GPU where rows begin at
 * multiples of 16 bytes, else {@code MatmulInt8.cu}. Design and predictions:
 * docs/kernels/MatmulInt8.md.
 */
public final class MatmulInt8Cuda extends ScaledMatmulLauncher implements MatmulInt8 {
  private final ScaledMatmulHopperLauncher hopper;

  public MatmulInt8Cuda(CudaDevice device) {
    super(device, "MatmulInt8", "matmul_int8");
    hopper =
        device.isHopper()
            ? new ScaledMatmulHopperLauncher(
                device,
                "MatmulInt8Hopper",
                "matmul_int8",
                EnumSet.of(DType.F32, DType.F16, DType.BF16),
                EnumSet.allOf(MatmulHopperTile.class))
            : null;
  }

  @Override
  public void launch(ScaledRows x, ScaledRows weight, Tensor bias, Epilogue epilogue) {
    if (hopper != null && hopper.has(x, weight, epilogue)) {
      hopper.launch(x, weight, bias, epilogue);
    } else {
      launchProduct(x, weight, bias, epilogue);
    }
  }
}
