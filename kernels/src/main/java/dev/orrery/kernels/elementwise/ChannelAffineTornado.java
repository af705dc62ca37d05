package dev.orrery.kernels.elementwise;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.kernels.tornado.KernelCode;
import dev.orrery.kernels.tornado.TornadoDevice;
import dev.orrery.kernels.tornado.TornadoKernel;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** One element a thread. */
public final class ChannelAffineTornado extends TornadoKernel implements ChannelAffine {
  private static final KernelCode CHANNEL_AFFINE =
      KernelCode.parallel(ChannelAffineTornado::channelAffine);

  public ChannelAffineTornado(TornadoDevice device) {
    super(device);
  }

  @Override
  public void launch(Tensor x, Tensor scale, Tensor offset, Tensor out) {
    int count = Math.toIntExact(out.elements());
    device()
        .run(CHANNEL_AFFINE, count, new int[] {count, x.size(1)}, NO_FLOATS, x, scale, offset, out);
  }

  /** The kernel; public for TornadoVM, which compiles it. */
  public static void channelAffine(
      IntArray ints,
      FloatArray floats,
      FloatArray x,
      FloatArray scale,
      FloatArray offset,
      FloatArray out) {
    int xAt = ints.get(0);
    int scaleAt = ints.get(1);
    int offsetAt = ints.get(2);
    int outAt = ints.get(3);
    int count = ints.get(4);
    int channels = ints.get(5);
    for (@Parallel int i = 0; i < count; i++) {
      int channel = i % channels;
      float scaled = x.get(xAt + i) * scale.get(scaleAt + channel);
      out.set(outAt + i, scaled + offset.get(offsetAt + channel));
    }
  }
}
