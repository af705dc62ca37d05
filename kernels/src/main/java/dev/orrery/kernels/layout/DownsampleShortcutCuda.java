package dev.orrery.kernels.layout;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.tensor.Tensor;

/** Launches {@code DownsampleShortcut.cu}. */
public final class DownsampleShortcutCuda extends ShortcutLauncher implements DownsampleShortcut {
  public DownsampleShortcutCuda(CudaDevice device) {
    super(device, "DownsampleShortcut", "downsample_shortcut");
  }

  @Override
  public void launch(Tensor x, int frames, int side, PatchOrder order, Tensor out) {
    launch(x, frames, side, order, out.size(0) * frames - x.size(0), out);
  }
}
