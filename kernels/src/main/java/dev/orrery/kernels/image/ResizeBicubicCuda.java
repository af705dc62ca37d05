package dev.orrery.kernels.image;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.CudaFunction;
import dev.orrery.kernels.cuda.ElementwiseKernel;
import dev.orrery.kernels.tensor.Tensor;

/** Launches {@code ResizeBicubic.cu}: one value of the result a thread. */
public final class ResizeBicubicCuda extends ElementwiseKernel implements ResizeBicubic {
  private final CudaFunction function;

  public ResizeBicubicCuda(CudaDevice device) {
    super(device);
    function = device.function("ResizeBicubic", "resize_bicubic_f32");
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
