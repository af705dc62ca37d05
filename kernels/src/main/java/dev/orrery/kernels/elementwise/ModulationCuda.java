package dev.orrery.kernels.elementwise;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.ElementwiseKernel;
import dev.orrery.kernels.tensor.Tensor;

/** Launches {@code Modulation.cu}: one element a thread. */
public final class ModulationCuda extends ElementwiseKernel implements Modulation {
  private final ByDType functions;

  public ModulationCuda(CudaDevice device) {
    super(device);
    functions = functions("Modulation", "modulation");
  }

  @Override
  public void launch(Tensor table, Tensor embedding, Tensor out) {
    launchItems(
        functions.of(table.dtype()),
        out.elements(),
        table,
        embedding,
        out,
        out.size(1),
        out.size(2),
        embedding.elements());
  }
}
