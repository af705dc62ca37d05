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
  public void launch(Tensor x, int patch, PatchOrder order, int offset, Tensor out) {
    PatchGrid grid = PatchGrid.of(x, patch);
    launchItems(
        functions.of(x.dtype(), out.dtype()),
        out.size(0) * grid.values(),
        x,
        out,
        grid.rows(),
        grid.columns(),
        grid.channels(),
        patch,
        order.code(),
        offset,
        out.size(1));
  }
}
