package dev.orrery.model.vae22;

import dev.orrery.model.golden.Golden;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.util.Arrays;
import java.util.stream.IntStream;

/** What the fixtures of the VAE have in common. */
public final class Vae22Fixture {
  /**
   * Largest error in fp32 as a share of the largest expected value: some forty convolutions in a
   * row, each with a rounding error of about 1e-7.
   */
  private static final double TOLERANCE = 5e-6;

  private Vae22Fixture() {}

  /** The configuration of a fixture. */
  public static Vae22Config config(JsonValue json) {
    return new Vae22Config(
        json.integer("base_dim"),
        json.integer("decoder_base_dim"),
        json.integer("z_dim"),
        Arrays.stream(json.integers("dim_mult")).boxed().toList(),
        json.integer("num_res_blocks"),
        json.get("temporal_downsample").asList().stream().map(JsonValue::asBoolean).toList(),
        floats(json.numbers("latents_mean")),
        floats(json.numbers("latents_std")));
  }

  /** As {@link Golden.Arguments#assertClose}, with a tolerance that goes with the values. */
  static void assertClose(
      Golden.Arguments arguments, String what, float[] expected, float[] actual) {
    double largest = 0;
    for (float value : expected) {
      largest = Math.max(largest, Math.abs(value));
    }
    arguments.assertClose(what, expected, actual, TOLERANCE * largest);
  }

  /** Values clipped to [-1, 1]. */
  static float[] clipped(float[] values) {
    float[] out = values.clone();
    for (int i = 0; i < out.length; i++) {
      out[i] = Math.clamp(out[i], -1f, 1f);
    }
    return out;
  }

  /** Numbers of latent frames after which calls end that take one each. */
  static int[] oneByOne(int latentFrames) {
    return IntStream.rangeClosed(1, latentFrames).toArray();
  }

  /** The same of two calls, the second taking all frames behind the first. */
  static int[] atOnce(int latentFrames) {
    return new int[] {1, latentFrames};
  }

  /** Video frames of the first latent frames of a stream. */
  static int videoFrames(int latentFrames) {
    return latentFrames == 0 ? 0 : Vae22Config.TEMPORAL_RATIO * (latentFrames - 1) + 1;
  }

  private static float[] floats(double[] values) {
    float[] out = new float[values.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = (float) values[i];
    }
    return out;
  }
}
