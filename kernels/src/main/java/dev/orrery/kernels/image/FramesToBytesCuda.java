package dev.orrery.kernels.image;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.CudaKernel;
import dev.orrery.kernels.tensor.Tensor;

/** Launches {@code FramesToBytes.cu}: eight consecutive elements a thread. */
public final class FramesToBytesCuda extends CudaKernel implements FramesToBytes {
  private static final int THREADS = 256;
  private static final int ELEMENTS_PER_BLOCK = THREADS * 8;

  private final ByDType functions;

  public FramesToBytesCuda(CudaDevice device) {
    super(device);
    functions = functions("FramesToBytes", "frames_to_bytes");
  }

  @Override
  public void launch(Tensor x, PixelRange range, Tensor out) {
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
            range.offset(),
            range.scale(),
            out.elements());
  }
}
