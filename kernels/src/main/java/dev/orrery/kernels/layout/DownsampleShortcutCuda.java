package dev.orrery.kernels.layout;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.ElementwiseKernel;
import dev.orrery.kernels.tensor.Tensor;

/** Launches {@code DownsampleShortcut.cu}: one element of the result a thread. */
public final class DownsampleShortcutCuda extends ElementwiseKernel implements DownsampleShortcut {
  private final ByDType functions;

  public DownsampleShortcutCuda(CudaDevice device) {
    super(device);
    functions = functions("DownsampleShortcut", "downsample_shortcut");
  }

  @Override
  public void launch(Tensor x, int frames, int side, Tensor out) {
    int zeroFrames = out.size(0) * frames - x.size(0);
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
        zeroFrames);
  }
}
