package dev.orrery.kernels.elementwise;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.kernels.tornado.KernelCode;
import dev.orrery.kernels.tornado.TornadoDevice;
import dev.orrery.kernels.tornado.TornadoKernel;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** One element a thread. */
public final class AddTornado extends TornadoKernel implements Add {
  private static final KernelCode ADD = KernelCode.parallel(AddTornado::add);
  private static final KernelCode ADD_ROWS = KernelCode.parallel(AddTornado::addRows);

  public AddTornado(TornadoDevice device) {
    super(device);
  }

  @Override
  public void launch(Tensor a, Tensor b, Tensor out) {
    int count = Math.toIntExact(out.elements());
    device().run(ADD, count, new int[] {count}, NO_FLOATS, a, b, out);
  }

  /** The kernel; public for TornadoVM, which compiles it. */
  public static void add(
      IntArray ints, FloatArray floats, FloatArray a, FloatArray b, FloatArray out) {
    int aAt = ints.get(0);
    int bAt = ints.get(1);
    int outAt = ints.get(2);
    int count = ints.get(3);
    for (@Parallel int i = 0; i < count; i++) {
      out.set(outAt + i, a.get(aAt + i) + b.get(bAt + i));
    }
  }

  @Override
  public void launch(Tensor a, Tensor b, long run, long block, Tensor out) {
    int count = Math.toIntExact(out.elements());
    int[] sizes = {count, Math.toIntExact(run), Math.toIntExact(block)};
    device().run(ADD_ROWS, count, sizes, NO_FLOATS, a, b, out);
  }

  /** The kernel of fewer rows; public for TornadoVM, which compiles it. */
  public static void addRows(
      IntArray ints, FloatArray floats, FloatArray a, FloatArray b, FloatArray out) {
    int aAt = ints.get(0);
    int bAt = ints.get(1);
    int outAt = ints.get(2);
    int count = ints.get(3);
    int run = ints.get(4);
    int block = ints.get(5);
    for (@Parallel int i = 0; i < count; i++) {
      out.set(outAt + i, a.get(aAt + i) + b.get(bAt + i / block * run + i % run));
    }
  }
}
