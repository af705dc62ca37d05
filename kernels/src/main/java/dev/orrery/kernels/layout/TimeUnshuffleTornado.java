package dev.orrery.kernels.layout;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.kernels.tornado.KernelCode;
import dev.orrery.kernels.tornado.TornadoDevice;
import dev.orrery.kernels.tornado.TornadoKernel;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** One element a thread. */
public final class TimeUnshuffleTornado extends TornadoKernel implements TimeUnshuffle {
  private static final KernelCode TIME_UNSHUFFLE =
      KernelCode.parallel(TimeUnshuffleTornado::timeUnshuffle);

  public TimeUnshuffleTornado(TornadoDevice device) {
    super(device);
  }

  @Override
  public void launch(Tensor x, Tensor out) {
    int count = Math.toIntExact(out.elements());
    device()
        .run(TIME_UNSHUFFLE, count, new int[] {count, out.size(1), out.size(2)}, NO_FLOATS, x, out);
  }

  /** The kernel; public for TornadoVM, which compiles it. */
  public static void timeUnshuffle(IntArray ints, FloatArray floats, FloatArray x, FloatArray out) {
    int xAt = ints.get(0);
    int outAt = ints.get(1);
    int count = ints.get(2);
    int pixels = ints.get(3);
    int channels = ints.get(4);
    for (@Parallel int i = 0; i < count; i++) {
      int frame = i / channels / pixels;
      int pixel = frame / 2 * pixels + i / channels % pixels;
      int source = (2 * pixel + frame % 2) * channels + i % channels;
      out.set(outAt + i, x.get(xAt + source));
    }
  }
}
