package dev.orrery.kernels.linear.quantized;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.linear.MatmulHopperTile;
import dev.orrery.kernels.tensor.DType;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/**
 * {@link MatmulFp8} on a GPU: {@code MatmulFp8Hopper.cu} for 16-bit results on a Hopper GPU where
 * rows begin at multiples of 16 bytes, else {@code MatmulFp8.cu}. Design and predictions:
 * docs/kernels/MatmulFp8.md.
 */
public final class MatmulFp8Cuda extends ScaledMatmulLauncher implements MatmulFp8 {
  /** Tiles of {@code MatmulFp8Hopper.cu}, which holds two sums for each element. */
  public static final Set<MatmulHopperTile> HOPPER_TILES =
      Collections.unmodifiableSet(EnumSet.of(MatmulHopperTile.MIDDLE, MatmulHopperTile.NARROW));

  public MatmulFp8Cuda(CudaDevice device) {
    super(device, "MatmulFp8", "matmul_fp8", EnumSet.of(DType.F16, DType.BF16), HOPPER_TILES);
  }
}
