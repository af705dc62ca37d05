package dev.orrery.kernels.elementwise;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.kernels.tornado.KernelCode;
import dev.orrery.kernels.tornado.TornadoDevice;
import dev.orrery.kernels.tornado.TornadoKernel;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** One element a thread. */
public final class ReluTornado extends TornadoKernel implements Relu {
  private static final KernelCode RELU = KernelCode.parallel(ReluTornado::relu);

  public ReluTornado(TornadoDevice device) {
    super(device);
  }

  @Override
  public void launch(Tensor x, Tensor out) {
    int count = Math.toIntExact(out.elements());
    device().run(RELU, count, new int[] {count}, NO_FLOATS, x, out);
  }

  /** The kernel; public for TornadoVM, which compiles it. */
  public static void relu(IntArray ints, FloatArray floats, FloatArray x, FloatArray out) {
    int xAt = ints.get(0);
    int outAt = ints.get(1);
    int count = ints.get(2);
    for (@Parallel int i = 0; i < count; i++) {
      float value = x.get(xAt + i);
      float positive = value > 0f ? value : 0f;
      // NaN is kept. Comparisons other than with itself may come out turned round for it.
      out.set(outAt + i, value != value ? value : positive);
    }
  }
}
