package dev.orrery.kernels.elementwise;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.RowKernel;
import dev.orrery.kernels.tensor.Tensor;

/** Launches {@code Softmax.cu}: a team of threads for each row. */
public final class SoftmaxCuda extends RowKernel implements Softmax {
  private final ByDType functions;

  public SoftmaxCuda(CudaDevice device) {
    super(device);
    functions = functions("Softmax", "softmax");
  }

  @Override
  public void launch(Tensor x, Tensor out) {
    int rows = x.size(0);
    int columns = x.size(1);
    launchRows(functions.of(x.dtype()), rows, 1, columns, x, out, rows, columns);
  }
}
