package dev.orrery.kernels.layout;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.ElementwiseKernel;
import dev.orrery.kernels.tensor.Tensor;

/** Launches {@code Patchify.cu}: one element of the result a thread. */
public final class PatchifyCuda extends ElementwiseKernel implements Patchify {
  private final ByPair functions;

  public PatchifyCuda(CudaDevice device) {
    super(device);
    functions = functionsOfPairs("Patchify", "patchify");
  }

  @Override
  public void launch(Tensor x, int patch, int offset, Tensor out) {
    launchItems(
        functions.of(x.dtype(), out.dtype()),
        x.elements(),
        x,
        out,
        x.size(2),
        x.size(3),
        patch,
        offset,
        out.size(1));
  }
}
