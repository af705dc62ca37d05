package dev.orrery.kernels.layout;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.tensor.Tensor;

/** Launches {@code NearestUpsample.cu}. */
public final class NearestUpsampleCuda extends WidestUnitLauncher implements NearestUpsample {
  public NearestUpsampleCuda(CudaDevice device) {
    super(device, "NearestUpsample", "nearest_upsample");
  }

  @Override
  public void launch(Tensor x, Tensor out) {
    launch(x, out, x.size(2), x.size(3));
  }
}
