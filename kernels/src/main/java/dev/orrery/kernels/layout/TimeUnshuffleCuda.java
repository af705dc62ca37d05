package dev.orrery.kernels.layout;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.tensor.Tensor;

/** Launches {@code TimeUnshuffle.cu}. */
public final class TimeUnshuffleCuda extends WidestUnitLauncher implements TimeUnshuffle {
  public TimeUnshuffleCuda(CudaDevice device) {
    super(device, "TimeUnshuffle", "time_unshuffle");
  }

  @Override
  public void launch(Tensor x, Tensor out) {
    launch(x, out, x.size(1), x.size(2) / 2);
  }
}
