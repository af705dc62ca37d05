package dev.orrery.model.session;

/** Told in front of every pass of a transformer; may throw to end the chunk there. */
@FunctionalInterface
public interface BeforePass {
  /** Lets every pass go ahead. */
  BeforePass NONE = (pass, passes) -> {};

  /**
   * A pass is about to begin.
   *
   * @param pass from 0; equal to {@code passes} when all are done, before the chunk is taken as
   *     made
   * @param passes passes of one chunk
   */
  void pass(int pass, int passes);
}
