package dev.orrery.kernels.linear;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.EnumSet;
import java.util.List;

/** {@link Matmul} on a GPU. Design and predictions: docs/kernels/Matmul.md. */
public final class MatmulCuda extends MatmulLauncher implements Matmul {
  /** Several layers in bf16, which transformers compute in; null if the GPU is no Hopper. */
  private final MatmulHopperLauncher joint;

  public MatmulCuda(CudaDevice device) {
    super(device, "matmul");
    joint =
        device.isHopper()
            ? new MatmulHopperLauncher(device, "matmul_joint", EnumSet.of(DType.BF16))
            : null;
  }

  @Override
  public void launch(Tensor x, Tensor weight, Tensor bias, Activation activation, Tensor out) {
    launchProduct(x, weight, bias, out, activation.code());
  }

  @Override
  public void launch(Tensor x, List<Layer> layers) {
    if (!isJoint(x, layers)) {
      Matmul.super.launch(x, layers);
      return;
    }
    for (Layer layer : layers) {
      requireMatrix("weight", layer.weight(), x.dtype());
      requireVector("bias", layer.bias());
    }
    joint.launch(x, layers);
  }

  private boolean isJoint(Tensor x, List<Layer> layers) {
    return joint != null
        && layers.size() > 1
        && joint.has(x.dtype())
        && suitsTensorCores(x)
        && layers.stream().map(Layer::weight).allMatch(MatmulLauncher::suitsTensorCores);
  }
}
