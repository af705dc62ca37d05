package dev.orrery.model.family;

import dev.orrery.model.session.ChunkSession;
import dev.orrery.model.session.EncodedStart;
import dev.orrery.model.session.SharedStart;
import dev.orrery.model.session.StartMemory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongFunction;

/** A start that was encoded for networks in memory. */
final class StartInMemory implements EncodedStart {
  private final StartMemory memory;
  private final LongFunction<SharedStart> ofSeed;
  private final AtomicBoolean closed = new AtomicBoolean();

  /**
   * @param memory released when this is closed
   * @param ofSeed what the sessions of a seed have in common
   */
  StartInMemory(StartMemory memory, LongFunction<SharedStart> ofSeed) {
    this.memory = memory;
    this.ofSeed = ofSeed;
  }

  @Override
  public ChunkSession<?> start(long seed) {
    if (closed.get()) {
      throw new IllegalStateException("the encoded start is closed");
    }
    return ofSeed.apply(seed).newSession();
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      memory.release();
    }
  }
}
