package uk.ac.manchester.tornado.api.math;

/** Functions that devices have, in fp32. */
public final class TornadoMath {
  private TornadoMath() {}

  public static float exp(float value) {
    return (float) Math.exp(value);
  }

  public static float sqrt(float value) {
    return (float) Math.sqrt(value);
  }

  public static float tanh(float value) {
    return (float) Math.tanh(value);
  }

  public static float abs(float a) {
    return Math.abs(a);
  }

  public static float floor(float f) {
    return (float) Math.floor(f);
  }

  public static float min(float a, float b) {
    return Math.min(a, b);
  }

  public static float max(float a, float b) {
    return Math.max(a, b);
  }
}
