package dev.orrery.kernels.elementwise;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.CudaKernel;
import dev.orrery.kernels.tensor.Tensor;

/** Launches {@code Relu.cu}: eight consecutive elements a thread. */
public final class ReluCuda extends CudaKernel implements Relu {
  private static final int THREADS = 256;
  private static final int ELEMENTS_PER_BLOCK = THREADS * 8;

  private final ByDType functions;

  public ReluCuda(CudaDevice device) {
    super(device);
    functions = functions("Relu", "relu");
  }

  @Override
  public void launch(Tensor x, Tensor out) {
    stream()
        .launch(
            functions.of(x.dtype()),
            Math.toIntExact(Math.ceilDiv(out.elements(), ELEMENTS_PER_BLOCK)),
            1,
            1,
            THREADS,
            0,
            x,
            out,
            out.elements());
  }
}
