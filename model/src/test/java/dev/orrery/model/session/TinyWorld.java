package dev.orrery.model.session;

import dev.orrery.kernels.backend.Backend;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Assumptions;

/** A tiny model of a family, for tests of what all families have. */
public interface TinyWorld {
  /** What the model and its sessions take on the CPU. */
  MemoryPlan plan();

  /** Loads the model. */
  WorldModel load(Backend backend);

  /** Starts a session of it; always the same one. */
  WorldSession start(WorldModel model);

  /**
   * Whether it is played on the reference and on emulated devices too, where every call takes long;
   * not the second model of a family, which calls nothing that the first does not.
   */
  default boolean isPlayedEverywhere() {
    return true;
  }

  /** Ends a test that plays where this is not played. */
  default void assumePlayedEverywhere() {
    Assumptions.assumeTrue(isPlayedEverywhere(), "another model of the family is played there");
  }

  /** Actions by video frame, which change the world. */
  IntFunction<? extends Action> actions(WorldModel model);
}
