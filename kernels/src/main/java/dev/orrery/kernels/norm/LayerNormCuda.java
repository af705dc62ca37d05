package dev.orrery.kernels.norm;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.RowKernel;
import dev.orrery.kernels.tensor.Tensor;

/** Launches {@code LayerNorm.cu}: a team of threads for each row. */
public final class LayerNormCuda extends RowKernel implements LayerNorm {
  private final ByDType functions;

  public LayerNormCuda(CudaDevice device) {
    super(device);
    functions = functions("LayerNorm", "layer_norm");
  }

  @Override
  public void launch(Tensor x, Tensor weight, Tensor bias, double eps, Tensor out) {
    requireVector("weight", weight);
    requireVector("bias", bias);
    int rows = x.size(0);
    int columns = x.size(1);
    launchRows(
        functions.of(x.dtype()),
        rows,
        1,
        columns,
        x,
        weight,
        bias,
        (float) eps,
        out,
        rows,
        columns);
  }
}
