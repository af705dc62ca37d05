package dev.orrery.model.sampling;

import dev.orrery.runtime.random.UniformNoise;

/** See {@link TokenDraws#seeded}. */
record SeededDraws(long seed) implements TokenDraws {
  private static final int FRAME_SHIFT = 24;
  private static final int STEP_SHIFT = 8;

  /** In place of a factor. */
  private static final int PRIORITIES = 0xFF;

  @Override
  public void gumbel(Position at, int factor, float[] out) {
    double[] uniform = new double[out.length];
    long first = (long) at.token() * out.length;
    UniformNoise.fill(seed, stream(at, factor), first, uniform);
    for (int i = 0; i < out.length; i++) {
      out[i] = (float) -StrictMath.log(-StrictMath.log(uniform[i]));
    }
  }

  @Override
  public float priority(Position at) {
    double[] uniform = new double[1];
    UniformNoise.fill(seed, stream(at, PRIORITIES), at.token(), uniform);
    return (float) uniform[0];
  }

  private static long stream(Position at, int draw) {
    return at.frame() << FRAME_SHIFT | (long) at.step() << STEP_SHIFT | draw;
  }
}
