package dev.orrery.kernels.layout;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.ElementwiseKernel;
import dev.orrery.kernels.tensor.Tensor;

/** Launches {@code UpsampleShortcut.cu}: one element of the result a thread. */
public final class UpsampleShortcutCuda extends ElementwiseKernel implements UpsampleShortcut {
  private final ByDType functions;

  public UpsampleShortcutCuda(CudaDevice device) {
    super(device);
    functions = functions("UpsampleShortcut", "upsample_shortcut");
  }

  @Override
  public void launch(Tensor x, int frames, int side, Tensor out) {
    int dropped = x.size(0) * frames - out.size(0);
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
        dropped);
  }
}
