package dev.orrery.kernels.position;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.ElementwiseKernel;
import dev.orrery.kernels.tensor.Tensor;

/** Launches {@code Rope.cu}: eight consecutive channels of a head a thread, or of each half. */
public final class RopeCuda extends ElementwiseKernel implements Rope {
  private final ByDType neighbours;
  private final ByDType halves;

  public RopeCuda(CudaDevice device) {
    super(device);
    neighbours = functions("Rope", "rope");
    halves = functions("Rope", "rope_halves");
  }

  @Override
  public void launch(Tensor x, Tensor table, Pairs layout, Tensor out) {
    int heads = x.size(1);
    int headDim = x.size(2);
    int pairs = table.size(1);
    boolean byHalves = layout == Pairs.HALVES;
    int chunks =
        byHalves
            ? Math.ceilDiv(pairs, 8) + Math.ceilDiv(headDim - 2 * pairs, 8)
            : Math.ceilDiv(headDim, 8);
    launchItems(
        (byHalves ? halves : neighbours).of(x.dtype()),
        (long) x.size(0) * heads * chunks,
        x,
        table,
        out,
        x.size(0) / table.size(0),
        pairs,
        heads,
        headDim);
  }
}
