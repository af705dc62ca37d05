package dev.orrery.kernels.image;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.kernels.tornado.KernelCode;
import dev.orrery.kernels.tornado.TornadoDevice;
import dev.orrery.kernels.tornado.TornadoKernel;
import java.util.stream.IntStream;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.ByteArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * One byte of the result a thread, which resizes along columns each of the rows that it then
 * weighs: no image lies between the two steps.
 *
 * <p>The weights ask for double precision, which many devices lack. They are computed on the host
 * and travel as integers, for each output of an axis: its first pixel, how many there are, their
 * weights.
 */
public final class ResizeAntialiasedTornado extends TornadoKernel implements ResizeAntialiased {
  /** Numbers of a call before the weights. */
  private static final int NUMBERS = 8;

  private static final int SMALLEST_TABLE = 10;

  /**
   * The kernel, index n with room for 2^n numbers: a kernel is bound to arrays, and those of its
   * numbers have the length of the first call.
   */
  private static final KernelCode[] RESIZE =
      IntStream.range(0, Integer.SIZE - 1)
          .mapToObj(_ -> KernelCode.parallel(ResizeAntialiasedTornado::resize))
          .toArray(KernelCode[]::new);

  public ResizeAntialiasedTornado(TornadoDevice device) {
    super(device);
  }

  @Override
  public void launch(Tensor x, ResizeFilter filter, Tensor out) {
    int count = Math.toIntExact(out.elements());
    ResizeAxis down = ResizeAxis.of(filter, x.size(0), out.size(0));
    ResizeAxis across = ResizeAxis.of(filter, x.size(1), out.size(1));
    int downEntry = entry(down);
    int acrossEntry = entry(across);
    int downAt = NUMBERS;
    int acrossAt = Math.addExact(downAt, Math.multiplyExact(downEntry, out.size(0)));
    int end = Math.addExact(acrossAt, Math.multiplyExact(acrossEntry, out.size(1)));
    int log = Math.max(SMALLEST_TABLE, Integer.SIZE - Integer.numberOfLeadingZeros(end - 1));
    int[] ints = new int[1 << log];
    int[] numbers = {
      count, x.size(1), x.size(2), out.size(1), downAt, downEntry, acrossAt, acrossEntry
    };
    System.arraycopy(numbers, 0, ints, 0, NUMBERS);
    place(down, ints, downAt, downEntry);
    place(across, ints, acrossAt, acrossEntry);
    device().run(RESIZE[log], count, ints, NO_FLOATS, x, out);
  }

  /** Numbers of each output: as many as the longest needs. */
  private static int entry(ResizeAxis axis) {
    int longest = 0;
    for (int[] weights : axis.weights()) {
      longest = Math.max(longest, weights.length);
    }
    return longest + 2;
  }

  private static void place(ResizeAxis axis, int[] ints, int at, int entry) {
    for (int o = 0; o < axis.first().length; o++) {
      int[] weights = axis.weights()[o];
      ints[at + o * entry] = axis.first()[o];
      ints[at + o * entry + 1] = weights.length;
      System.arraycopy(weights, 0, ints, at + o * entry + 2, weights.length);
    }
  }

  /** The kernel; public for TornadoVM, which compiles it. */
  public static void resize(IntArray ints, FloatArray floats, ByteArray x, ByteArray out) {
    int xAt = ints.get(0);
    int outAt = ints.get(1);
    // Behind the offsets, from where the host counts.
    int count = ints.get(2);
    int columns = ints.get(3);
    int channels = ints.get(4);
    int outColumns = ints.get(5);
    int downAt = 2 + ints.get(6);
    int downEntry = ints.get(7);
    int acrossAt = 2 + ints.get(8);
    int acrossEntry = ints.get(9);
    for (@Parallel int i = 0; i < count; i++) {
      int pixel = i / channels;
      int down = downAt + pixel / outColumns * downEntry;
      int across = acrossAt + pixel % outColumns * acrossEntry;
      int firstRow = ints.get(down);
      int rows = ints.get(down + 1);
      int firstColumn = ints.get(across);
      int taps = ints.get(across + 1);
      int sum = 1 << ResizeAxis.FRACTION_BITS - 1;
      for (int row = 0; row < rows; row++) {
        int source = xAt + ((firstRow + row) * columns + firstColumn) * channels + i % channels;
        int rowSum = 1 << ResizeAxis.FRACTION_BITS - 1;
        for (int tap = 0; tap < taps; tap++) {
          rowSum += ints.get(across + 2 + tap) * (x.get(source + tap * channels) & 0xFF);
        }
        sum += ints.get(down + 2 + row) * toByte(rowSum);
      }
      out.set(outAt + i, (byte) toByte(sum));
    }
  }

  private static int toByte(int sum) {
    int whole = sum >> ResizeAxis.FRACTION_BITS;
    int atLeast = whole < 0 ? 0 : whole;
    return atLeast > 255 ? 255 : atLeast;
  }
}
