package dev.orrery.kernels.layout;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.tensor.Tensor;

/** Launches {@code UpsampleShortcut.cu}. */
public final class UpsampleShortcutCuda extends ShortcutLauncher implements UpsampleShortcut {
  public UpsampleShortcutCuda(CudaDevice device) {
    super(device, "UpsampleShortcut", "upsample_shortcut");
  }

  @Override
  public void launch(Tensor x, int frames, int side, PatchOrder order, Tensor out) {
    launch(x, frames, side, order, x.size(0) * frames - out.size(0), out);
  }
}
