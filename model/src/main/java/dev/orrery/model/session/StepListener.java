package dev.orrery.model.session;

/** Called before every pass that makes what is decoded; may throw to end the chunk there. */
@FunctionalInterface
public interface StepListener {
  /** Lets every step go ahead. */
  StepListener NONE = (step, steps) -> {};

  /**
   * A forward pass of the transformer is about to begin.
   *
   * @param step from 0; equal to {@code steps} when all are done, before the chunk is decoded
   * @param steps passes in front of decoding
   */
  void beforeStep(int step, int steps);
}
