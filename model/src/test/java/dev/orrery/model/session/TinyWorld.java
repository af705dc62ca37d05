package dev.orrery.model.session;

import dev.orrery.kernels.backend.Backend;
import java.util.function.IntFunction;

/** A tiny model of a family, for tests of what all families have. */
public interface TinyWorld {
  /** What the model and its sessions take on the CPU. */
  MemoryPlan plan();

  /** Loads the model. */
  WorldModel load(Backend backend);

  /** Starts a session of it; always the same one. */
  WorldSession start(WorldModel model);

  /** Actions by video frame, which change the world. */
  IntFunction<? extends Action> actions(WorldModel model);
}
