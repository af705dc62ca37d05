package dev.orrery.kernels.layout;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.ElementwiseKernel;
import dev.orrery.kernels.tensor.Tensor;

/** Launches {@code AppendColumns.cu}: eight consecutive elements of the result a thread. */
public final class AppendColumnsCuda extends ElementwiseKernel implements AppendColumns {
  private final ByDType functions;

  public AppendColumnsCuda(CudaDevice device) {
    super(device);
    functions = functions("AppendColumns", "append_columns");
  }

  @Override
  public void launch(Tensor x, Tensor frame, Tensor out) {
    int tokensPerFrame = x.size(0) / frame.size(0);
    launchEights(
        functions.of(x.dtype()),
        out.elements(),
        x,
        frame,
        out,
        tokensPerFrame,
        x.size(1),
        frame.size(1));
  }
}
