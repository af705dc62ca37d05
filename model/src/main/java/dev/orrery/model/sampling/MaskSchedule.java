package dev.orrery.model.sampling;

/** How the tokens of a frame become known from step to step. */
public interface MaskSchedule {
  /** Steps of a frame, 1 to 65535. */
  int steps();

  /** Tokens of {@code tokens} that are masked after a step; none after the last one. */
  int maskedAfter(int step, int tokens);

  /** What the logits of a step are divided by. */
  float temperature(int step);

  /**
   * Whether a step draws from the distribution of its logits, or takes the most likely category.
   */
  boolean draws(int step);
}
