package dev.orrery.model.sampling;

import dev.orrery.runtime.random.GaussianNoise;

/** What a session draws its noise from. */
@FunctionalInterface
public interface NoiseSource {
  /** Leaves everything as it is: for plans, which look at no values. */
  NoiseSource NONE = (stream, out) -> {};

  /**
   * Draws standard normal noise.
   *
   * @param stream number of an independent stream; the same one gives the same values again
   */
  void fill(long stream, float[] out);

  /** The noise of a seed. */
  static NoiseSource seeded(long seed) {
    return (stream, out) -> GaussianNoise.fill(seed, stream, 0, out);
  }
}
