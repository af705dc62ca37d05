package dev.orrery.kernels.layout;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.ElementwiseKernel;
import dev.orrery.kernels.tensor.Tensor;

/** Launches {@code GatherRows.cu}: eight consecutive elements of the result a thread. */
public final class GatherRowsCuda extends ElementwiseKernel implements GatherRows {
  private final ByPair functions;

  public GatherRowsCuda(CudaDevice device) {
    super(device);
    functions = functionsOfPairs("GatherRows", "gather_rows");
  }

  @Override
  public void launch(Tensor table, Tensor ids, boolean add, Tensor out) {
    launchEights(
        functions.of(table.dtype(), out.dtype()),
        out.elements(),
        table,
        ids,
        out,
        table.size(0),
        table.size(1),
        add ? 1 : 0);
  }
}
