package dev.orrery.kernels.conv;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.tensor.Tensor;

/** Launches {@code CausalConv3d.cu}, a {@link ConvLauncher} over the history and x. */
public final class CausalConv3dCuda extends ConvLauncher implements CausalConv3d {
  public CausalConv3dCuda(CudaDevice device) {
    super(device, "CausalConv3d", "causal_conv3d");
  }

  @Override
  public void launch(
      Tensor history, Tensor x, Tensor weight, Tensor bias, int timeStride, Edge edge, Tensor out) {
    ConvGeometry geometry = ConvGeometry.causal3d(weight, timeStride, edge);
    launch(geometry, history, x, weight, bias, out);
  }
}
