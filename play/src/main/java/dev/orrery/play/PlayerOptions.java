package dev.orrery.play;

/**
 * How a player works.
 *
 * @param rewindBytes memory for states to go back to; a state takes as much as a fork, see {@link
 *     dev.orrery.model.session.MemoryPlan#fork}. Less than that, and one cannot go back
 * @param paused whether it makes blocks only when told to
 */
public record PlayerOptions(long rewindBytes, boolean paused) {
  /** As pages use it: a quarter of a gigabyte to go back, and on its own. */
  public static final PlayerOptions DEFAULT = new PlayerOptions(256L << 20, false);
}
