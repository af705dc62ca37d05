package dev.orrery.model.session;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.model.sampling.NoiseSource;
import dev.orrery.runtime.memory.SessionState;
import java.util.function.Function;

/**
 * What a session and its forks have in common, and nobody changes: the seed, and what the start
 * says to all chunks. The latter may lie in memory that sessions of other seeds share, too.
 *
 * @param memory of what the start says
 * @param seed chooses one of the possible worlds
 * @param noise what the noise is drawn from
 * @param condition what the start says to all chunks
 * @param maker makes a session at chunk 0
 */
public record SharedStart(
    StartMemory memory,
    long seed,
    NoiseSource noise,
    SessionState.Part condition,
    Function<SessionResources, ? extends ChunkSession<?>> maker) {
  /** Where the sessions run. */
  public Backend backend() {
    return memory.backend();
  }

  /** Memory for one session, taken at once. */
  public SessionResources newResources() {
    return memory.newResources(this);
  }

  /**
   * Makes a session at chunk 0 beside those that there are.
   *
   * @throws IllegalStateException if nobody uses the memory any more
   */
  public ChunkSession<?> newSession() {
    memory.retain();
    SessionResources resources = null;
    try {
      resources = newResources();
      return maker.apply(resources);
    } catch (RuntimeException | Error e) {
      if (resources != null) {
        resources.arena().close();
      }
      memory.release();
      throw e;
    }
  }

  /** Whether others would see it if what the start says were changed. */
  boolean isShared() {
    return memory.isShared();
  }

  /** What a session of this start says about itself. */
  SessionDescription describe(int chunk, long frames) {
    return memory.describe(seed, chunk, frames);
  }

  /**
   * Requires that the model is there.
   *
   * @throws IllegalStateException if it is closed
   */
  void requireOpen() {
    memory.host().requireOpen();
  }

  /** Notes that a session is closed. */
  void release() {
    memory.release();
  }
}
