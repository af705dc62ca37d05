package dev.orrery.kernels.layout;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.kernels.tornado.KernelCode;
import dev.orrery.kernels.tornado.TornadoDevice;
import dev.orrery.kernels.tornado.TornadoKernel;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** One element of the output a thread. */
public final class AppendColumnsTornado extends TornadoKernel implements AppendColumns {
  private static final KernelCode APPEND_COLUMNS =
      KernelCode.parallel(AppendColumnsTornado::appendColumns);

  public AppendColumnsTornado(TornadoDevice device) {
    super(device);
  }

  @Override
  public void launch(Tensor x, Tensor frame, Tensor out) {
    int count = Math.toIntExact(out.elements());
    device()
        .run(
            APPEND_COLUMNS,
            count,
            new int[] {count, x.size(1), frame.size(1), x.size(0) / frame.size(0)},
            NO_FLOATS,
            x,
            frame,
            out);
  }

  /** The kernel; public for TornadoVM, which compiles it. */
  public static void appendColumns(
      IntArray ints, FloatArray floats, FloatArray x, FloatArray frame, FloatArray out) {
    int xAt = ints.get(0);
    int frameAt = ints.get(1);
    int outAt = ints.get(2);
    int count = ints.get(3);
    int channels = ints.get(4);
    int appended = ints.get(5);
    int frameTokens = ints.get(6);
    for (@Parallel int i = 0; i < count; i++) {
      int token = i / (channels + appended);
      int column = i % (channels + appended);
      float value = 0f;
      if (column < channels) {
        value = x.get(xAt + token * channels + column);
      } else {
        value = frame.get(frameAt + token / frameTokens * appended + column - channels);
      }
      out.set(outAt + i, value);
    }
  }
}
