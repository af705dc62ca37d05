package dev.orrery.model.session;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.model.sampling.NoiseSource;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.memory.WorkspaceSize;

/**
 * What a session is made from: the memory of a plan, or memory that is only measured to make the
 * plan.
 */
public final class SessionResources {
  private final SharedStart start;
  private final TensorArena arena;
  private final Workspace passes;
  private final Workspace decodes;

  /**
   * Takes the memory of one session.
   *
   * @param plan how much; null while that is measured
   */
  SessionResources(SharedStart start, SessionPlan plan) {
    this.start = start;
    arena = start.backend().newArena();
    try {
      passes = plan == null ? Workspace.measuring() : Workspace.of(arena, passWorkspace(plan));
      decodes =
          plan == null
              ? Workspace.measuring()
              : plan.overlapped() ? Workspace.of(arena, plan.decodeWorkspace()) : passes;
    } catch (RuntimeException | Error e) {
      arena.close();
      throw e;
    }
  }

  /** Where the two never work at once, one workspace serves both. */
  private static WorkspaceSize passWorkspace(SessionPlan plan) {
    return plan.overlapped()
        ? plan.passWorkspace()
        : plan.passWorkspace().or(plan.decodeWorkspace());
  }

  /** What the session shares with its forks. */
  SharedStart start() {
    return start;
  }

  /** Where the session runs. */
  public Backend backend() {
    return start.backend();
  }

  /** Chooses one of the possible worlds. */
  public long seed() {
    return start.seed();
  }

  /** What the session's noise is drawn from. */
  public NoiseSource noise() {
    return start.noise();
  }

  /** Owner of everything that the session keeps for itself. */
  public TensorArena arena() {
    return arena;
  }

  /** Memory for a forward pass of the transformer. */
  public Workspace passes() {
    return passes;
  }

  /** Memory for decoding; the same as {@link #passes} where the two never work at once. */
  public Workspace decodes() {
    return decodes;
  }

  /** Whether the decoder works beside the transformer, on a device of its own. */
  public boolean overlapped() {
    return !backend().usesHostMemory();
  }
}
