package dev.orrery.model.sampling;

/** Which of a frame's tokens become known first. */
public enum Confidence {
  /**
   * Those whose pick is most probable; a token that is known already counts one more. In early
   * steps the temperature is so low that the probability of many picks is exactly 1 in fp32: of
   * equal ones those of lower index come first. As in jafar.
   */
  PROBABILITY_AND_KNOWN(true),

  /**
   * Those with the largest product of the probabilities of all their factors; what is known stays
   * known. Of equal ones those of higher index come first. The unmasking that 1xgpt calls greedy.
   */
  PROBABILITY(false),

  /** Those with the highest random number; what is known stays known. 1xgpt's default. */
  RANDOM(false);

  private final boolean lowIndexFirst;

  Confidence(boolean lowIndexFirst) {
    this.lowIndexFirst = lowIndexFirst;
  }

  /** Whether of equally confident tokens those of lower index become known first. */
  boolean lowIndexFirst() {
    return lowIndexFirst;
  }
}
