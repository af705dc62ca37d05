package dev.orrery.kernels.layout;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.kernels.tornado.KernelCode;
import dev.orrery.kernels.tornado.TornadoDevice;
import dev.orrery.kernels.tornado.TornadoKernel;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** One element of a patch a thread. */
public final class PatchifyTornado extends TornadoKernel implements Patchify {
  private static final KernelCode PATCHIFY = KernelCode.parallel(PatchifyTornado::patchify);

  public PatchifyTornado(TornadoDevice device) {
    super(device);
  }

  @Override
  public void launch(Tensor x, int patch, int offset, Tensor out) {
    int count = Math.toIntExact(x.elements());
    device()
        .run(
            PATCHIFY,
            count,
            new int[] {count, x.size(2), x.size(3), patch, offset, out.size(1)},
            NO_FLOATS,
            x,
            out);
  }

  /** The kernel; public for TornadoVM, which compiles it. */
  public static void patchify(IntArray ints, FloatArray floats, FloatArray x, FloatArray out) {
    int xAt = ints.get(0);
    int outAt = ints.get(1);
    int count = ints.get(2);
    int columns = ints.get(3);
    int channels = ints.get(4);
    int patch = ints.get(5);
    int offset = ints.get(6);
    int width = ints.get(7);
    int patchColumns = columns / patch;
    int values = channels * patch * patch;
    for (@Parallel int i = 0; i < count; i++) {
      int token = i / values;
      int value = i % values;
      int channel = value / (patch * patch);
      // Rows of patches follow one another, whatever their frame.
      int row = token / patchColumns * patch + value / patch % patch;
      int column = token % patchColumns * patch + value % patch;
      int source = (row * columns + column) * channels + channel;
      out.set(outAt + token * width + offset + value, x.get(xAt + source));
    }
  }
}
