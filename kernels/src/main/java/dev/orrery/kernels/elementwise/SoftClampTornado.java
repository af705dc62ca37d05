package dev.orrery.kernels.elementwise;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.kernels.tornado.KernelCode;
import dev.orrery.kernels.tornado.TornadoDevice;
import dev.orrery.kernels.tornado.TornadoKernel;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** One element a thread. */
public final class SoftClampTornado extends TornadoKernel implements SoftClamp {
  private static final KernelCode SOFT_CLAMP = KernelCode.parallel(SoftClampTornado::softClamp);

  public SoftClampTornado(TornadoDevice device) {
    super(device);
  }

  @Override
  public void launch(Tensor x, double limit, Tensor out) {
    int count = Math.toIntExact(out.elements());
    device().run(SOFT_CLAMP, count, new int[] {count}, new float[] {(float) limit}, x, out);
  }

  /** The kernel; public for TornadoVM, which compiles it. */
  public static void softClamp(IntArray ints, FloatArray floats, FloatArray x, FloatArray out) {
    int xAt = ints.get(0);
    int outAt = ints.get(1);
    int count = ints.get(2);
    float limit = floats.get(0);
    for (@Parallel int i = 0; i < count; i++) {
      out.set(outAt + i, limit * TornadoMath.tanh(x.get(xAt + i) / limit));
    }
  }
}
