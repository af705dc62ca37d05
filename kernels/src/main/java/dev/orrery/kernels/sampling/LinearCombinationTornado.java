package dev.orrery.kernels.sampling;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.kernels.tornado.KernelCode;
import dev.orrery.kernels.tornado.TornadoDevice;
import dev.orrery.kernels.tornado.TornadoKernel;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * One element a thread. The contract computes in double precision, which many devices lack: here a
 * factor travels as two floats whose sum has 48 bits, and a device that has {@code fma} rounds once
 * for each.
 */
public final class LinearCombinationTornado extends TornadoKernel implements LinearCombination {
  private static final KernelCode OF_TWO = KernelCode.parallel(LinearCombinationTornado::ofTwo);
  private static final KernelCode OF_THREE = KernelCode.parallel(LinearCombinationTornado::ofThree);

  public LinearCombinationTornado(TornadoDevice device) {
    super(device);
  }

  @Override
  public void launch(double a, Tensor x, double b, Tensor y, Tensor out) {
    int count = Math.toIntExact(out.elements());
    device().run(OF_TWO, count, new int[] {count}, pairs(a, b), x, y, out);
  }

  @Override
  public void launch(double a, Tensor x, double b, Tensor y, double c, Tensor z, Tensor out) {
    int count = Math.toIntExact(out.elements());
    device().run(OF_THREE, count, new int[] {count}, pairs(a, b, c), x, y, z, out);
  }

  /** Every factor in fp32, followed by what that leaves of it. */
  private static float[] pairs(double... factors) {
    float[] pairs = new float[2 * factors.length];
    for (int i = 0; i < factors.length; i++) {
      pairs[2 * i] = (float) factors[i];
      pairs[2 * i + 1] = (float) (factors[i] - pairs[2 * i]);
    }
    return pairs;
  }

  /** The kernel of two tensors; public for TornadoVM, which compiles it. */
  public static void ofTwo(
      IntArray ints, FloatArray floats, FloatArray xs, FloatArray ys, FloatArray out) {
    int xAt = ints.get(0);
    int yAt = ints.get(1);
    int outAt = ints.get(2);
    int count = ints.get(3);
    float a = floats.get(0);
    float aRest = floats.get(1);
    float b = floats.get(2);
    float bRest = floats.get(3);
    for (@Parallel int i = 0; i < count; i++) {
      float x = xs.get(xAt + i);
      float y = ys.get(yAt + i);
      out.set(outAt + i, a * x + b * y + (aRest * x + bRest * y));
    }
  }

  /** The kernel of three tensors; public for TornadoVM, which compiles it. */
  public static void ofThree(
      IntArray ints,
      FloatArray floats,
      FloatArray xs,
      FloatArray ys,
      FloatArray zs,
      FloatArray out) {
    int xAt = ints.get(0);
    int yAt = ints.get(1);
    int zAt = ints.get(2);
    int outAt = ints.get(3);
    int count = ints.get(4);
    float a = floats.get(0);
    float aRest = floats.get(1);
    float b = floats.get(2);
    float bRest = floats.get(3);
    float c = floats.get(4);
    float cRest = floats.get(5);
    for (@Parallel int i = 0; i < count; i++) {
      float x = xs.get(xAt + i);
      float y = ys.get(yAt + i);
      float z = zs.get(zAt + i);
      out.set(outAt + i, a * x + b * y + c * z + (aRest * x + bRest * y + cRest * z));
    }
  }
}
