package dev.orrery.model.sampling;

import dev.orrery.runtime.random.UniformNoise;
import java.util.Arrays;

/** What {@link MaskedSampler} draws. Every draw has an address and no generator has a state. */
public interface TokenDraws {
  /** Draws that are all 0: for plans, which look at no values, and for samplers that draw none. */
  TokenDraws NONE =
      new TokenDraws() {
        @Override
        public void gumbel(Position at, int factor, float[] out) {
          Arrays.fill(out, 0);
        }

        @Override
        public float priority(Position at) {
          return 0;
        }
      };

  /**
   * What is drawn for.
   *
   * @param frame number of the frame in its session
   * @param step step of the sampler
   * @param token token of the frame
   */
  record Position(long frame, int step, int token) {}

  /**
   * Draws standard Gumbel noise, which makes the largest of logits plus noise a draw from their
   * softmax.
   *
   * @param factor which of the token's factors is picked
   * @param out a value for each of its categories
   */
  void gumbel(Position at, int factor, float[] out);

  /** A random number for a token; those with the lowest ones stay masked. */
  float priority(Position at);

  /**
   * The draws of a seed: {@code -ln(-ln u)} of {@link UniformNoise}, computed in double with {@link
   * StrictMath} and rounded to fp32, and {@code u} itself. The stream's number is made of frame
   * (from bit 24 on), step (16 bits) and factor (8 bits, all of them set for priorities).
   */
  static TokenDraws seeded(long seed) {
    return new SeededDraws(seed);
  }
}
