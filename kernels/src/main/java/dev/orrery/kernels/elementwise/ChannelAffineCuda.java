package dev.orrery.kernels.elementwise;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.CudaKernel;
import dev.orrery.kernels.tensor.Tensor;

/** Launches {@code ChannelAffine.cu}: eight consecutive elements a thread. */
public final class ChannelAffineCuda extends CudaKernel implements ChannelAffine {
  private static final int THREADS = 256;
  private static final int ELEMENTS_PER_BLOCK = THREADS * 8;

  private final ByDType fromF32;
  private final ByDType fromF16;
  private final ByDType fromBf16;

  public ChannelAffineCuda(CudaDevice device) {
    super(device);
    fromF32 = functions("ChannelAffine", "channel_affine_f32");
    fromF16 = functions("ChannelAffine", "channel_affine_f16");
    fromBf16 = functions("ChannelAffine", "channel_affine_bf16");
  }

  @Override
  public void launch(Tensor x, Tensor scale, Tensor offset, Tensor out) {
    ByDType from =
        switch (x.dtype()) {
          case F32 -> fromF32;
          case F16 -> fromF16;
          case BF16 -> fromBf16;
          default -> throw new IllegalArgumentException("no kernel computes on " + x.dtype());
        };
    stream()
        .launch(
            from.of(out.dtype()),
            Math.toIntExact(Math.ceilDiv(out.elements(), ELEMENTS_PER_BLOCK)),
            1,
            1,
            THREADS,
            0,
            x,
            scale,
            offset,
            out,
            out.elements(),
            x.size(1));
  }
}
