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
  public void launch(Tensor x, int patch, PatchOrder order, int offset, Tensor out) {
    PatchGrid grid = PatchGrid.of(x, patch);
    int count = Math.toIntExact(out.size(0) * grid.values());
    int[] extents = {
      count, grid.rows(), grid.columns(), grid.channels(), patch, order.code(), offset, out.size(1)
    };
    device().run(PATCHIFY, count, extents, NO_FLOATS, x, out);
  }

  /** The kernel; public for TornadoVM, which compiles it. */
  public static void patchify(IntArray ints, FloatArray floats, FloatArray x, FloatArray out) {
    int xAt = ints.get(0);
    int outAt = ints.get(1);
    int count = ints.get(2);
    int rows = ints.get(3);
    int columns = ints.get(4);
    int channels = ints.get(5);
    int patch = ints.get(6);
    int fastest = ints.get(7);
    int offset = ints.get(8);
    int width = ints.get(9);
    int patchRows = (rows + patch - 1) / patch;
    int patchColumns = (columns + patch - 1) / patch;
    int values = channels * patch * patch;
    for (@Parallel int i = 0; i < count; i++) {
      int token = i / values;
      int value = i % values;
      int channel = fastest == 1 ? value % channels : value / (patch * patch);
      int inPatch = fastest == 1 ? value / channels : value % (patch * patch);
      int patchRow = token / patchColumns;
      int row = patchRow % patchRows * patch + inPatch / patch;
      int column = token % patchColumns * patch + inPatch % patch;
      float inFrame = 0;
      if (row < rows && column < columns) {
        int source = ((patchRow / patchRows * rows + row) * columns + column) * channels + channel;
        inFrame = x.get(xAt + source);
      }
      out.set(outAt + token * width + offset + value, inFrame);
    }
  }
}
