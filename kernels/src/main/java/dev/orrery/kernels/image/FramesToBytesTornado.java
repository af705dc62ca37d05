package dev.orrery.kernels.image;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.kernels.tornado.KernelCode;
import dev.orrery.kernels.tornado.TornadoDevice;
import dev.orrery.kernels.tornado.TornadoKernel;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.ByteArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** One element a thread. */
public final class FramesToBytesTornado extends TornadoKernel implements FramesToBytes {
  private static final KernelCode CONVERT = KernelCode.parallel(FramesToBytesTornado::convert);

  public FramesToBytesTornado(TornadoDevice device) {
    super(device);
  }

  @Override
  public void launch(Tensor x, PixelRange range, Tensor out) {
    int count = Math.toIntExact(out.elements());
    float[] mapping = {range.offset(), range.scale()};
    device().run(CONVERT, count, new int[] {count}, mapping, x, out);
  }

  /** The kernel; public for TornadoVM, which compiles it. */
  public static void convert(IntArray ints, FloatArray floats, FloatArray x, ByteArray out) {
    int xAt = ints.get(0);
    int outAt = ints.get(1);
    int count = ints.get(2);
    float offset = floats.get(0);
    float scale = floats.get(1);
    for (@Parallel int i = 0; i < count; i++) {
      float scaled = (x.get(xAt + i) + offset) * scale;
      float pixel = scaled;
      // NaN is equal to nothing; how devices order it is not to be relied on.
      if (scaled != scaled) {
        pixel = 0f;
      }
      pixel = pixel > 0f ? pixel : 0f;
      pixel = pixel < 255f ? pixel : 255f;
      out.set(outAt + i, (byte) (int) pixel);
    }
  }
}
