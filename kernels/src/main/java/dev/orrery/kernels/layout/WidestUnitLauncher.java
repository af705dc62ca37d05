package dev.orrery.kernels.layout;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.CudaFunction;
import dev.orrery.kernels.cuda.CudaKernel;
import dev.orrery.kernels.tensor.Tensor;

/**
 * A kernel that moves bits from one tensor to another, each thread a unit of 16, 4 or 2 bytes: the
 * widest that divides the contiguous pieces and that both tensors are aligned to.
 */
abstract class WidestUnitLauncher extends CudaKernel {
  private static final int THREADS = 256;

  private final CudaFunction move16;
  private final CudaFunction move4;
  private final CudaFunction move2;

  /**
   * @param stem source file
   * @param base what the names of its functions begin with
   */
  WidestUnitLauncher(CudaDevice device, String stem, String base) {
    super(device);
    move16 = device.function(stem, base + "_16_bytes");
    move4 = device.function(stem, base + "_4_bytes");
    move2 = device.function(stem, base + "_2_bytes");
  }

  /**
   * Launches a thread for each unit of x.
   *
   * @param extent what the function needs to know of the shape beside the pieces
   * @param pieceElements elements that stay together
   */
  final void launch(Tensor x, Tensor out, int extent, int pieceElements) {
    long pieceBytes = (long) pieceElements * x.dtype().byteSize();
    int unit = fits(16, x, out, pieceBytes) ? 16 : fits(4, x, out, pieceBytes) ? 4 : 2;
    int units = Math.toIntExact(x.byteSize() / unit);
    stream()
        .launch(
            unit == 16 ? move16 : unit == 4 ? move4 : move2,
            Math.ceilDiv(units, THREADS),
            1,
            1,
            THREADS,
            0,
            x,
            out,
            units,
            extent,
            Math.toIntExact(pieceBytes / unit));
  }

  private static boolean fits(int unit, Tensor x, Tensor out, long pieceBytes) {
    return pieceBytes % unit == 0 && isAligned(x, unit) && isAligned(out, unit);
  }
}
