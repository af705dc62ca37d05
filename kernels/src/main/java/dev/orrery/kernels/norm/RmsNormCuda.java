package dev.orrery.kernels.norm;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.RowKernel;
import dev.orrery.kernels.tensor.Tensor;

/** Launches {@code RmsNorm.cu}: a team of threads for each row. */
public final class RmsNormCuda extends RowKernel implements RmsNorm {
  private final ByDType functions;

  public RmsNormCuda(CudaDevice device) {
    super(device);
    functions = functions("RmsNorm", "rms_norm");
  }

  @Override
  public void launch(Tensor x, Tensor weight, double eps, Tensor out) {
    requireVector("weight", weight);
    int rows = x.size(0);
    int columns = x.size(1);
    launchRows(
        functions.of(x.dtype()), rows, 1, columns, x, weight, (float) eps, out, rows, columns);
  }
}
