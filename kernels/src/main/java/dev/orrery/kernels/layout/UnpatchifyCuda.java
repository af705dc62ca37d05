package dev.orrery.kernels.layout;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.ElementwiseKernel;
import dev.orrery.kernels.tensor.Tensor;

/** Launches {@code Unpatchify.cu}: one element of the result a thread. */
public final class UnpatchifyCuda extends ElementwiseKernel implements Unpatchify {
  private final ByPair functions;

  public UnpatchifyCuda(CudaDevice device) {
    super(device);
    functions = functionsOfPairs("Unpatchify", "unpatchify");
  }

  @Override
  public void launch(Tensor x, int patch, PatchOrder order, Tensor out) {
    launchItems(
        functions.of(x.dtype(), out.dtype()),
        out.elements(),
        x,
        out,
        out.size(1),
        out.size(2),
        out.size(3),
        patch,
        order.code());
  }
}
