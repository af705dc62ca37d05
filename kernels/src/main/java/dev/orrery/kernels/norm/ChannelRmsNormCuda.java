package dev.orrery.kernels.norm;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.CudaKernel;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.tensor.Tensor;

/** Launches {@code ChannelRmsNorm.cu}: sixteen lanes for a pixel. */
public final class ChannelRmsNormCuda extends CudaKernel implements ChannelRmsNorm {
  private static final int THREADS = 256;
  private static final int PIXELS_PER_BLOCK = THREADS / 16;

  private final ByDType functions;

  public ChannelRmsNormCuda(CudaDevice device) {
    super(device);
    functions = functions("ChannelRmsNorm", "channel_rms_norm");
  }

  @Override
  public void launch(Tensor x, Tensor gamma, Activation activation, Tensor out) {
    requireVector("gamma", gamma);
    stream()
        .launch(
            functions.of(x.dtype()),
            Math.ceilDiv(x.size(0), PIXELS_PER_BLOCK),
            1,
            1,
            THREADS,
            0,
            x,
            gamma,
            out,
            x.size(0),
            x.size(1),
            activation.code());
  }
}
