package dev.orrery.kernels.sampling;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.kernels.tornado.KernelCode;
import dev.orrery.kernels.tornado.TornadoDevice;
import dev.orrery.kernels.tornado.TornadoKernel;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * One element a thread. The contract rounds both products; a device that has {@code fma} rounds
 * one.
 */
public final class AddNoiseTornado extends TornadoKernel implements AddNoise {
  private static final KernelCode ADD_NOISE = KernelCode.parallel(AddNoiseTornado::addNoise);

  public AddNoiseTornado(TornadoDevice device) {
    super(device);
  }

  @Override
  public void launch(Tensor clean, Tensor noise, float sigma, Tensor out) {
    int count = Math.toIntExact(out.elements());
    device()
        .run(
            ADD_NOISE, count, new int[] {count}, new float[] {1 - sigma, sigma}, clean, noise, out);
  }

  /** The kernel; public for TornadoVM, which compiles it. */
  public static void addNoise(
      IntArray ints, FloatArray floats, FloatArray clean, FloatArray noise, FloatArray out) {
    int cleanAt = ints.get(0);
    int noiseAt = ints.get(1);
    int outAt = ints.get(2);
    int count = ints.get(3);
    float keep = floats.get(0);
    float sigma = floats.get(1);
    for (@Parallel int i = 0; i < count; i++) {
      out.set(outAt + i, keep * clean.get(cleanAt + i) + sigma * noise.get(noiseAt + i));
    }
  }
}
