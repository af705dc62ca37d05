package dev.orrery.kernels.layout;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.kernels.tornado.KernelCode;
import dev.orrery.kernels.tornado.TornadoDevice;
import dev.orrery.kernels.tornado.TornadoKernel;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** One element a thread. */
public final class UnpatchifyTornado extends TornadoKernel implements Unpatchify {
  private static final KernelCode UNPATCHIFY = KernelCode.parallel(UnpatchifyTornado::unpatchify);

  public UnpatchifyTornado(TornadoDevice device) {
    super(device);
  }

  @Override
  public void launch(Tensor x, int patch, Tensor out) {
    int count = Math.toIntExact(out.elements());
    device()
        .run(
            UNPATCHIFY,
            count,
            new int[] {count, out.size(2), out.size(3), patch},
            NO_FLOATS,
            x,
            out);
  }

  /** The kernel; public for TornadoVM, which compiles it. */
  public static void unpatchify(IntArray ints, FloatArray floats, FloatArray x, FloatArray out) {
    int xAt = ints.get(0);
    int outAt = ints.get(1);
    int count = ints.get(2);
    int columns = ints.get(3);
    int channels = ints.get(4);
    int patch = ints.get(5);
    for (@Parallel int i = 0; i < count; i++) {
      int pixel = i / channels;
      int column = pixel % columns;
      // Rows of patches follow one another, whatever their frame.
      int row = pixel / columns;
      int token = row / patch * (columns / patch) + column / patch;
      int inPatch = row % patch * patch + column % patch;
      int source = (token * patch * patch + inPatch) * channels + i % channels;
      out.set(outAt + i, x.get(xAt + source));
    }
  }
}
