package dev.orrery.kernels.layout;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.ElementwiseKernel;
import dev.orrery.kernels.tensor.Tensor;

/** Launches a shortcut between videos of two sizes: one element of the result a thread. */
abstract class ShortcutLauncher extends ElementwiseKernel {
  private final ByDType functions;

  /**
   * @param stem source file
   * @param base what the names of its functions begin with
   */
  ShortcutLauncher(CudaDevice device, String stem, String base) {
    super(device);
    functions = functions(stem, base);
  }

  /**
   * Launches it for boxes of {@code frames x side x side} values.
   *
   * @param order how a box counts its values
   * @param missing frames by which the smaller video's boxes exceed the larger one
   */
  final void launch(Tensor x, int frames, int side, PatchOrder order, int missing, Tensor out) {
    launchItems(
        functions.of(x.dtype()),
        out.elements(),
        x,
        out,
        out.size(1),
        out.size(2),
        out.size(3),
        x.size(3),
        frames,
        side,
        order.code(),
        missing);
  }
}
