package dev.orrery.kernels.elementwise;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.ElementwiseKernel;
import dev.orrery.kernels.tensor.Tensor;

/** Launches {@code Add.cu}: eight consecutive elements a thread. */
public final class AddCuda extends ElementwiseKernel implements Add {
  private final ByDType functions;
  private final ByDType ofRows;

  public AddCuda(CudaDevice device) {
    super(device);
    functions = functions("Add", "add");
    ofRows = functions("Add", "add_rows");
  }

  @Override
  public void launch(Tensor a, Tensor b, Tensor out) {
    launchEights(functions.of(a.dtype()), out.elements(), a, b, out);
  }

  @Override
  public void launch(Tensor a, Tensor b, long run, long block, Tensor out) {
    launchEights(ofRows.of(a.dtype()), out.elements(), a, b, out, run, block);
  }
}
