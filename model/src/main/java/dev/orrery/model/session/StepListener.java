package dev.orrery.model.session;

/** Called before every denoising step of a chunk; may throw to end the chunk there. */
@FunctionalInterface
public interface StepListener {
  /** Lets every step go ahead. */
  StepListener NONE = (step, steps) -> {};

  /**
   * A forward pass of the transformer is about to begin.
   *
   * @param step from 0; equal to {@code steps} when all are done, before the chunk counts as made
   * @param steps passes of one chunk
   */
  void beforeStep(int step, int steps);
}
