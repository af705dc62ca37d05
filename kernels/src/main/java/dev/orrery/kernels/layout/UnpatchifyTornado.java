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
  public void launch(Tensor x, int patch, PatchOrder order, Tensor out) {
    int count = Math.toIntExact(out.elements());
    int[] extents = {count, out.size(1), out.size(2), out.size(3), patch, order.code()};
    device().run(UNPATCHIFY, count, extents, NO_FLOATS, x, out);
  }

  /** The kernel; public for TornadoVM, which compiles it. */
  public static void unpatchify(IntArray ints, FloatArray floats, FloatArray x, FloatArray out) {
    int xAt = ints.get(0);
    int outAt = ints.get(1);
    int count = ints.get(2);
    int rows = ints.get(3);
    int columns = ints.get(4);
    int channels = ints.get(5);
    int patch = ints.get(6);
    int fastest = ints.get(7);
    int patchRows = (rows + patch - 1) / patch;
    int patchColumns = (columns + patch - 1) / patch;
    int area = patch * patch;
    for (@Parallel int i = 0; i < count; i++) {
      int pixel = i / channels;
      int channel = i % channels;
      int column = pixel % columns;
      int row = pixel / columns % rows;
      int frame = pixel / columns / rows;
      int token = (frame * patchRows + row / patch) * patchColumns + column / patch;
      int inPatch = row % patch * patch + column % patch;
      int value = fastest == 1 ? inPatch * channels + channel : channel * area + inPatch;
      out.set(outAt + i, x.get(xAt + token * area * channels + value));
    }
  }
}
