package dev.orrery.kernels.conv;

import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.kernels.tornado.KernelCode;
import dev.orrery.kernels.tornado.TornadoDevice;
import dev.orrery.kernels.tornado.TornadoKernel;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.ShortArray;

/** One element a thread, of 4 bytes or of 2. */
public final class ConvWeightOrderTornado extends TornadoKernel implements ConvWeightOrder {
  private static final KernelCode MOVE_FLOATS =
      KernelCode.parallel(ConvWeightOrderTornado::moveFloats);
  private static final KernelCode MOVE_SHORTS =
      KernelCode.parallel(ConvWeightOrderTornado::moveShorts);

  public ConvWeightOrderTornado(TornadoDevice device) {
    super(device);
  }

  @Override
  public void launch(Tensor stored, Tensor out) {
    int bytes = stored.dtype().byteSize();
    Check.that(
        bytes == 2 || bytes == 4, "stored: expected elements of 2 or 4 bytes, found " + stored);
    int count = Math.toIntExact(stored.elements());
    int outChannels = stored.size(0);
    int inChannels = stored.size(1);
    int taps = count == 0 ? 0 : count / (outChannels * inChannels);
    device()
        .run(
            bytes == 2 ? MOVE_SHORTS : MOVE_FLOATS,
            count,
            new int[] {count, outChannels, inChannels, taps},
            NO_FLOATS,
            stored,
            out);
  }

  /** The kernel for fp32; public for TornadoVM, which compiles it. */
  public static void moveFloats(IntArray ints, FloatArray floats, FloatArray from, FloatArray to) {
    int fromAt = ints.get(0);
    int toAt = ints.get(1);
    int count = ints.get(2);
    for (@Parallel int i = 0; i < count; i++) {
      to.set(toAt + i, from.get(fromAt + source(ints, i)));
    }
  }

  /** The kernel for 16-bit floats; public for TornadoVM, which compiles it. */
  public static void moveShorts(IntArray ints, FloatArray floats, ShortArray from, ShortArray to) {
    int fromAt = ints.get(0);
    int toAt = ints.get(1);
    int count = ints.get(2);
    for (@Parallel int i = 0; i < count; i++) {
      to.set(toAt + i, from.get(fromAt + source(ints, i)));
    }
  }

  /** Where the element is stored that becomes element i = (tap, input channel, output channel). */
  private static int source(IntArray ints, int i) {
    int outChannels = ints.get(3);
    int inChannels = ints.get(4);
    int taps = ints.get(5);
    int row = i / outChannels;
    int tap = row / inChannels;
    return (i % outChannels * inChannels + row % inChannels) * taps + tap;
  }
}
