package dev.orrery.kernels.elementwise;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.kernels.tornado.KernelCode;
import dev.orrery.kernels.tornado.StoredFloat;
import dev.orrery.kernels.tornado.TornadoDevice;
import dev.orrery.kernels.tornado.TornadoKernel;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.ShortArray;

/**
 * One element a thread, a kernel for each pair of arrays. Models here only widen, since their
 * activations are fp32; rounding to 16 bits is arithmetic as well, and its NaN has no payload.
 */
public final class ConvertTornado extends TornadoKernel implements Convert {
  private static final KernelCode WIDEN = KernelCode.parallel(ConvertTornado::widen);
  private static final KernelCode NARROW = KernelCode.parallel(ConvertTornado::narrow);
  private static final KernelCode RECODE = KernelCode.parallel(ConvertTornado::recode);

  /** Kernels name no constant that is not a number of the language. */
  private static final float[] INFINITY = {Float.POSITIVE_INFINITY};

  public ConvertTornado(TornadoDevice device) {
    super(device);
  }

  @Override
  public void launch(Tensor x, Tensor out) {
    if (x.dtype() == out.dtype()) {
      device().memory().copy(x, out);
      return;
    }
    int count = Math.toIntExact(out.elements());
    int from = StoredFloat.format(x.dtype());
    int to = StoredFloat.format(out.dtype());
    device().run(code(x, out), count, new int[] {count, from, to}, INFINITY, x, out);
  }

  private static KernelCode code(Tensor x, Tensor out) {
    if (out.dtype() == DType.F32) {
      return WIDEN;
    }
    return x.dtype() == DType.F32 ? NARROW : RECODE;
  }

  /** A kernel; public for TornadoVM, which compiles it. */
  public static void widen(IntArray ints, FloatArray floats, ShortArray x, FloatArray out) {
    int xAt = ints.get(0);
    int outAt = ints.get(1);
    int count = ints.get(2);
    int from = ints.get(3);
    float infinity = floats.get(0);
    for (@Parallel int i = 0; i < count; i++) {
      out.set(outAt + i, StoredFloat.widenAny(x.get(xAt + i), from, infinity));
    }
  }

  /** A kernel; public for TornadoVM, which compiles it. */
  public static void narrow(IntArray ints, FloatArray floats, FloatArray x, ShortArray out) {
    int xAt = ints.get(0);
    int outAt = ints.get(1);
    int count = ints.get(2);
    int to = ints.get(4);
    for (@Parallel int i = 0; i < count; i++) {
      out.set(outAt + i, StoredFloat.narrow(x.get(xAt + i), to));
    }
  }

  /** A kernel; public for TornadoVM, which compiles it. */
  public static void recode(IntArray ints, FloatArray floats, ShortArray x, ShortArray out) {
    int xAt = ints.get(0);
    int outAt = ints.get(1);
    int count = ints.get(2);
    int from = ints.get(3);
    int to = ints.get(4);
    float infinity = floats.get(0);
    for (@Parallel int i = 0; i < count; i++) {
      float value = StoredFloat.widenAny(x.get(xAt + i), from, infinity);
      out.set(outAt + i, StoredFloat.narrow(value, to));
    }
  }
}
