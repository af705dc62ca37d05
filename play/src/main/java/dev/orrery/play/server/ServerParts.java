package dev.orrery.play.server;

import dev.orrery.model.session.MemoryPlan;
import dev.orrery.model.session.Progress;
import dev.orrery.play.PlayerOptions;
import java.util.concurrent.ExecutorService;

/**
 * What all worlds of a server share.
 *
 * @param played the model
 * @param plan the memory that it takes
 * @param options how its worlds are played
 * @param limits what is borne
 * @param downloads files that come and go
 * @param admission knows what has to stand behind paths
 * @param worker does what takes long and belongs to no player, one after the other
 * @param traffic what was sent
 * @param progress receives how worlds are prepared
 */
record ServerParts(
    PlayedModel played,
    MemoryPlan plan,
    PlayerOptions options,
    Limits limits,
    Downloads downloads,
    Admission admission,
    ExecutorService worker,
    Traffic traffic,
    Progress progress) {
  /** Most that the description and the header of a saved session take. */
  private static final long HEADER_BYTES = 16 << 20;

  /** Bytes that a saved session of the model has at most. */
  long sessionBytes() {
    return plan.session() + HEADER_BYTES;
  }
}
