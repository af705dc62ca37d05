package dev.orrery.model.session;

/**
 * A start that was encoded once, and from which any number of worlds start, of any seed, without
 * looking at its images and its prompt again. It may be used from any thread.
 *
 * <p>The sessions share what the start says to all of their chunks, so each takes as much memory as
 * a fork does, see {@link MemoryPlan#fork}. They may outlive this; the memory is given back with
 * the last of all.
 */
@FunctionalInterface
public interface EncodedStart extends AutoCloseable {
  /**
   * Starts a world, the same as {@link WorldModel#start} does with this seed.
   *
   * @param seed chooses one of the possible worlds
   * @throws IllegalStateException if this is closed
   */
  WorldSession start(long seed);

  /** Starts no more worlds from this. By default there is nothing to give back. */
  @Override
  default void close() {}
}
