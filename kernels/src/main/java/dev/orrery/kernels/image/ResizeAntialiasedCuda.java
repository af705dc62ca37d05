package dev.orrery.kernels.image;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.CudaFunction;
import dev.orrery.kernels.cuda.ElementwiseKernel;
import dev.orrery.kernels.tensor.Tensor;

/** Launches {@code ResizeAntialiased.cu}: one byte of the result a thread. */
public final class ResizeAntialiasedCuda extends ElementwiseKernel implements ResizeAntialiased {
  private final CudaFunction bilinear;
  private final CudaFunction bicubic;
  private final CudaFunction lanczos;

  public ResizeAntialiasedCuda(CudaDevice device) {
    super(device);
    bilinear = device.function("ResizeAntialiased", "resize_bilinear_u8");
    bicubic = device.function("ResizeAntialiased", "resize_bicubic_u8");
    lanczos = device.function("ResizeAntialiased", "resize_lanczos_u8");
  }

  @Override
  public void launch(Tensor x, ResizeFilter filter, Tensor out) {
    launchItems(
        switch (filter) {
          case BILINEAR -> bilinear;
          case BICUBIC -> bicubic;
          case LANCZOS -> lanczos;
        },
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
