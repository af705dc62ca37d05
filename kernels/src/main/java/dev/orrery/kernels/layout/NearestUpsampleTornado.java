package dev.orrery.kernels.layout;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.kernels.tornado.KernelCode;
import dev.orrery.kernels.tornado.TornadoDevice;
import dev.orrery.kernels.tornado.TornadoKernel;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** One element of the output a thread. */
public final class NearestUpsampleTornado extends TornadoKernel implements NearestUpsample {
  private static final KernelCode NEAREST_UPSAMPLE =
      KernelCode.parallel(NearestUpsampleTornado::nearestUpsample);

  public NearestUpsampleTornado(TornadoDevice device) {
    super(device);
  }

  @Override
  public void launch(Tensor x, Tensor out) {
    int count = Math.toIntExact(out.elements());
    device()
        .run(
            NEAREST_UPSAMPLE,
            count,
            new int[] {count, x.size(1), x.size(2), x.size(3)},
            NO_FLOATS,
            x,
            out);
  }

  /** The kernel; public for TornadoVM, which compiles it. */
  public static void nearestUpsample(
      IntArray ints, FloatArray floats, FloatArray x, FloatArray out) {
    int xAt = ints.get(0);
    int outAt = ints.get(1);
    int count = ints.get(2);
    int rows = ints.get(3);
    int columns = ints.get(4);
    int channels = ints.get(5);
    for (@Parallel int i = 0; i < count; i++) {
      int pixel = i / channels;
      int column = pixel % (2 * columns);
      // Frames follow one another: two rows of the output, whatever their frame, are one of x.
      int line = pixel / (2 * columns);
      int source = (line / 2 * columns + column / 2) * channels + i % channels;
      out.set(outAt + i, x.get(xAt + source));
    }
  }
}
