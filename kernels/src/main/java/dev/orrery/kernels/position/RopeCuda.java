package dev.orrery.kernels.position;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.ElementwiseKernel;
import dev.orrery.kernels.tensor.Tensor;

/** Launches {@code Rope.cu}: eight consecutive channels of a head a thread. */
public final class RopeCuda extends ElementwiseKernel implements Rope {
  private final ByDType functions;

  public RopeCuda(CudaDevice device) {
    super(device);
    functions = functions("Rope", "rope");
  }

  @Override
  public void launch(Tensor x, Tensor table, Tensor out) {
    int heads = x.size(1);
    int headDim = x.size(2);
    launchItems(
        functions.of(x.dtype()),
        (long) x.size(0) * heads * Math.ceilDiv(headDim, 8),
        x,
        table,
        out,
        x.size(0) / table.size(0),
        table.size(1),
        heads,
        headDim);
  }
}
