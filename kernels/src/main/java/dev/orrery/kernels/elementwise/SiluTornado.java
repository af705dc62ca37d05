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
public final class SiluTornado extends TornadoKernel implements Silu {
  private static final KernelCode SILU = KernelCode.parallel(SiluTornado::silu);

  public SiluTornado(TornadoDevice device) {
    super(device);
  }

  @Override
  public void launch(Tensor x, Tensor out) {
    int count = Math.toIntExact(out.elements());
    device().run(SILU, count, new int[] {count}, NO_FLOATS, x, out);
  }

  /** The kernel; public for TornadoVM, which compiles it. */
  public static void silu(IntArray ints, FloatArray floats, FloatArray x, FloatArray out) {
    int xAt = ints.get(0);
    int outAt = ints.get(1);
    int count = ints.get(2);
    for (@Parallel int i = 0; i < count; i++) {
      float value = x.get(xAt + i);
      out.set(outAt + i, value / (1f + TornadoMath.exp(-value)));
    }
  }
}
