package dev.orrery.kernels.position;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.RowKernel;
import dev.orrery.kernels.tensor.Tensor;

/** Launches {@code RmsNormRope.cu}: a team of threads for each token or head. */
public final class RmsNormRopeCuda extends RowKernel implements RmsNormRope {
  private final ByDType functions;

  public RmsNormRopeCuda(CudaDevice device) {
    super(device);
    functions = functions("RmsNormRope", "rms_norm_rope");
  }

  @Override
  public void launch(Tensor x, Span span, Tensor weight, double eps, Tensor table, Tensor out) {
    requireVector("weight", weight);
    int heads = x.size(1);
    int headDim = x.size(2);
    int rowsOfToken = span == Span.TOKEN ? 1 : heads;
    int headsOfRow = span == Span.TOKEN ? heads : 1;
    int rows = x.size(0) * rowsOfToken;
    launchRows(
        functions.of(x.dtype()),
        rows,
        headsOfRow,
        headDim,
        x,
        weight,
        (float) eps,
        table,
        out,
        x.size(0) / table.size(0) * rowsOfToken,
        table.size(1),
        rows,
        headsOfRow,
        headDim);
  }
}
