package dev.orrery.kernels.sampling;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.kernels.tornado.KernelCode;
import dev.orrery.kernels.tornado.TornadoDevice;
import dev.orrery.kernels.tornado.TornadoKernel;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * One element a thread. The contract computes in double precision, which many devices lack: here
 * sigma travels as two floats whose sum has 48 bits, and a device that has {@code fma} rounds once
 * for each.
 */
public final class VelocityToCleanTornado extends TornadoKernel implements VelocityToClean {
  private static final KernelCode VELOCITY_TO_CLEAN =
      KernelCode.parallel(VelocityToCleanTornado::velocityToClean);

  public VelocityToCleanTornado(TornadoDevice device) {
    super(device);
  }

  @Override
  public void launch(Tensor noisy, Tensor velocity, double sigma, Tensor out) {
    int count = Math.toIntExact(out.elements());
    float high = (float) sigma;
    device()
        .run(
            VELOCITY_TO_CLEAN,
            count,
            new int[] {count},
            new float[] {high, (float) (sigma - high)},
            noisy,
            velocity,
            out);
  }

  /** The kernel; public for TornadoVM, which compiles it. */
  public static void velocityToClean(
      IntArray ints, FloatArray floats, FloatArray noisy, FloatArray velocity, FloatArray out) {
    int noisyAt = ints.get(0);
    int velocityAt = ints.get(1);
    int outAt = ints.get(2);
    int count = ints.get(3);
    float high = floats.get(0);
    float low = floats.get(1);
    for (@Parallel int i = 0; i < count; i++) {
      float v = velocity.get(velocityAt + i);
      out.set(outAt + i, noisy.get(noisyAt + i) - high * v - low * v);
    }
  }
}
