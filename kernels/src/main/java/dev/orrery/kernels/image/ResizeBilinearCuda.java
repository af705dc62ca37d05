package dev.orrery.kernels.image;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.CudaFunction;
import dev.orrery.kernels.cuda.ElementwiseKernel;
import dev.orrery.kernels.tensor.Tensor;

/** Launches {@code ResizeBilinear.cu}: one byte of the result a thread. */
public final class ResizeBilinearCuda extends ElementwiseKernel implements ResizeBilinear {
  private final CudaFunction function;

  public ResizeBilinearCuda(CudaDevice device) {
    super(device);
    function = device.function("ResizeBilinear", "resize_bilinear_u8");
  }

  @Override
  public void launch(Tensor x, Tensor out) {
    launchItems(
        function,
        out.elements(),
        x,
        out,
        x.size(0),
        x.size(1),
        x.size(2),
        out.size(0),
        out.size(1));
  }
}
