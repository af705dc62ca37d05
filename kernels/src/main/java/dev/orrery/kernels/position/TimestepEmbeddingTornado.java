package dev.orrery.kernels.position;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.kernels.tornado.KernelCode;
import dev.orrery.kernels.tornado.TornadoDevice;
import dev.orrery.kernels.tornado.TornadoKernel;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * A cosine and a sine a thread, in fp32 and without the device's own functions, whose accuracy at
 * arguments of 1000 nobody promises. Frequencies are computed on the host, in turns for each unit
 * of the timestep, and travel as two parts: one of {@value #HIGH_BITS} bits, whose product with the
 * whole part of the timestep is exact and loses its whole turns without error, and the rest.
 */
public final class TimestepEmbeddingTornado extends TornadoKernel implements TimestepEmbedding {
  private static final KernelCode EMBED = KernelCode.parallel(TimestepEmbeddingTornado::embed);

  private static final double BASE = 10000;

  /** Frequencies that travel with a call. */
  private static final int FREQUENCIES = 128;

  /** With the 11 bits of whole timesteps up to 2047 they fill a float. */
  private static final int HIGH_BITS = 13;

  public TimestepEmbeddingTornado(TornadoDevice device) {
    super(device);
  }

  @Override
  public void launch(Tensor timesteps, Tensor out) {
    int half = out.size(1) / 2;
    float[] frequencies = new float[2 * FREQUENCIES];
    for (int first = 0; first < half; first += FREQUENCIES) {
      int number = Math.min(FREQUENCIES, half - first);
      for (int k = 0; k < number; k++) {
        double turns = Math.pow(BASE, -(double) (first + k) / half) / (2 * Math.PI);
        double unit = Math.scalb(1.0, Math.getExponent(turns) - HIGH_BITS + 1);
        double high = Math.floor(turns / unit) * unit;
        frequencies[2 * k] = (float) high;
        frequencies[2 * k + 1] = (float) (turns - high);
      }
      int count = Math.multiplyExact(out.size(0), number);
      device()
          .run(EMBED, count, new int[] {count, number, first, half}, frequencies, timesteps, out);
    }
  }

  /** The kernel; public for TornadoVM, which compiles it. */
  public static void embed(
      IntArray ints, FloatArray frequencies, FloatArray timesteps, FloatArray out) {
    int timestepsAt = ints.get(0);
    int outAt = ints.get(1);
    int count = ints.get(2);
    int number = ints.get(3);
    int first = ints.get(4);
    int half = ints.get(5);
    for (@Parallel int i = 0; i < count; i++) {
      int frame = i / number;
      int k = i % number;
      float high = frequencies.get(2 * k);
      float low = frequencies.get(2 * k + 1);
      float timestep = timesteps.get(timestepsAt + frame);
      float whole = TornadoMath.floor(timestep);
      float exact = whole * high;
      float turns =
          exact
              - TornadoMath.floor(exact + 0.5f)
              + (whole * low + (timestep - whole) * (high + low));
      float quarters = TornadoMath.floor(4f * turns + 0.5f);
      float angle = (turns - 0.25f * quarters) * 6.2831853f;
      int quadrant = (int) quarters & 3;
      int at = outAt + frame * 2 * half + first + k;
      out.set(at, sine(angle, quadrant + 1));
      out.set(at + half, sine(angle, quadrant));
    }
  }

  /**
   * Sine of an angle of at most an eighth of a turn either way plus quarter turns: the polynomials
   * of sinf and cosf in the Cephes library, within 1e-7.
   *
   * @param quadrant 0 to 4
   */
  private static float sine(float angle, int quadrant) {
    float square = angle * angle;
    float sin = -1.9515296e-4f * square + 8.3321609e-3f;
    sin = sin * square - 1.6666655e-1f;
    sin = sin * square * angle + angle;
    float cos = 2.4433157e-5f * square - 1.3887316e-3f;
    cos = cos * square + 4.1666646e-2f;
    cos = cos * square * square - 0.5f * square + 1f;
    float value = (quadrant & 1) == 0 ? sin : cos;
    return (quadrant & 2) == 0 ? value : -value;
  }
}
