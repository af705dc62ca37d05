package dev.orrery.kernels.layout;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.kernels.tornado.KernelCode;
import dev.orrery.kernels.tornado.TornadoDevice;
import dev.orrery.kernels.tornado.TornadoKernel;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** One element of the output a thread. */
public final class UpsampleShortcutTornado extends TornadoKernel implements UpsampleShortcut {
  private static final KernelCode UPSAMPLE_SHORTCUT =
      KernelCode.parallel(UpsampleShortcutTornado::upsampleShortcut);

  public UpsampleShortcutTornado(TornadoDevice device) {
    super(device);
  }

  @Override
  public void launch(Tensor x, int frames, int side, PatchOrder order, Tensor out) {
    int count = Math.toIntExact(out.elements());
    device()
        .run(
            UPSAMPLE_SHORTCUT,
            count,
            new int[] {
              count,
              x.size(0) * frames - out.size(0),
              x.size(1),
              x.size(2),
              x.size(3),
              out.size(3),
              frames,
              side,
              flag(order == PatchOrder.CHANNEL_FASTEST)
            },
            NO_FLOATS,
            x,
            out);
  }

  /** The kernel; public for TornadoVM, which compiles it. */
  public static void upsampleShortcut(
      IntArray ints, FloatArray floats, FloatArray x, FloatArray out) {
    int xAt = ints.get(0);
    int outAt = ints.get(1);
    int count = ints.get(2);
    int dropped = ints.get(3);
    int rows = ints.get(4);
    int columns = ints.get(5);
    int inChannels = ints.get(6);
    int channels = ints.get(7);
    int frames = ints.get(8);
    int side = ints.get(9);
    int fastest = ints.get(10);
    int box = frames * side * side;
    int repeats = channels * box / inChannels;
    for (@Parallel int i = 0; i < count; i++) {
      int channel = i % channels;
      int pixel = i / channels;
      int column = pixel % (columns * side);
      int line = pixel / (columns * side);
      int row = line % (rows * side);
      int frame = line / (rows * side) + dropped;
      int inBox = (frame % frames * side + row % side) * side + column % side;
      int source = (frame / frames * rows + row / side) * columns + column / side;
      int repeated = fastest == 1 ? inBox * channels + channel : channel * box + inBox;
      int inChannel = repeated / repeats;
      out.set(outAt + i, out.get(outAt + i) + x.get(xAt + source * inChannels + inChannel));
    }
  }
}
