package dev.orrery.kernels.conv;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.CudaFunction;
import dev.orrery.kernels.cuda.CudaKernel;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.Tensor;

/** Launches {@code ConvWeightOrder.cu}: an element of 2 or 4 bytes a thread. */
public final class ConvWeightOrderCuda extends CudaKernel implements ConvWeightOrder {
  private static final int THREADS = 256;

  private final CudaFunction move2;
  private final CudaFunction move4;

  public ConvWeightOrderCuda(CudaDevice device) {
    super(device);
    move2 = device.function("ConvWeightOrder", "conv_weight_order_2_bytes");
    move4 = device.function("ConvWeightOrder", "conv_weight_order_4_bytes");
  }

  @Override
  public void launch(Tensor stored, Tensor out) {
    int bytes = stored.dtype().byteSize();
    Check.that(
        bytes == 2 || bytes == 4, "stored: expected elements of 2 or 4 bytes, found " + stored);
    int outChannels = stored.size(0);
    int rows = outChannels * stored.size(1);
    int taps = rows == 0 ? 0 : Math.toIntExact(stored.elements() / rows);
    stream()
        .launch(
            bytes == 2 ? move2 : move4,
            Math.toIntExact(Math.ceilDiv(stored.elements(), THREADS)),
            1,
            1,
            THREADS,
            0,
            stored,
            out,
            Math.toIntExact(stored.elements()),
            outChannels,
            taps);
  }
}
