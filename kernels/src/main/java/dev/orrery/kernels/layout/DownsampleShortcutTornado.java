package dev.orrery.kernels.layout;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.kernels.tornado.KernelCode;
import dev.orrery.kernels.tornado.TornadoDevice;
import dev.orrery.kernels.tornado.TornadoKernel;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** One element of the output a thread. */
public final class DownsampleShortcutTornado extends TornadoKernel implements DownsampleShortcut {
  private static final KernelCode DOWNSAMPLE_SHORTCUT =
      KernelCode.parallel(DownsampleShortcutTornado::downsampleShortcut);

  public DownsampleShortcutTornado(TornadoDevice device) {
    super(device);
  }

  @Override
  public void launch(Tensor x, int frames, int side, PatchOrder order, Tensor out) {
    int count = Math.toIntExact(out.elements());
    device()
        .run(
            DOWNSAMPLE_SHORTCUT,
            count,
            new int[] {
              count,
              out.size(0) * frames - x.size(0),
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
  public static void downsampleShortcut(
      IntArray ints, FloatArray floats, FloatArray x, FloatArray out) {
    int xAt = ints.get(0);
    int outAt = ints.get(1);
    int count = ints.get(2);
    int zeroFrames = ints.get(3);
    int rows = ints.get(4);
    int columns = ints.get(5);
    int inChannels = ints.get(6);
    int channels = ints.get(7);
    int frames = ints.get(8);
    int side = ints.get(9);
    int fastest = ints.get(10);
    int box = frames * side * side;
    int group = inChannels * box / channels;
    for (@Parallel int i = 0; i < count; i++) {
      int channel = i % channels;
      int pixel = i / channels;
      int column = pixel % (columns / side) * side;
      int line = pixel / (columns / side);
      int row = line % (rows / side) * side;
      int firstFrame = line / (rows / side) * frames - zeroFrames;
      float sum = 0f;
      for (int value = channel * group; value < (channel + 1) * group; value++) {
        int inBox = fastest == 1 ? value / inChannels : value % box;
        int inChannel = fastest == 1 ? value % inChannels : value / box;
        int frame = firstFrame + inBox / (side * side);
        if (frame >= 0) {
          int source = (frame * rows + row + inBox / side % side) * columns + column + inBox % side;
          sum += x.get(xAt + source * inChannels + inChannel);
        }
      }
      out.set(outAt + i, out.get(outAt + i) + sum / group);
    }
  }
}
