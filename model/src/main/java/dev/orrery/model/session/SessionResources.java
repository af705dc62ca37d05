package dev.orrery.model.session;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.model.sampling.NoiseSource;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.memory.WorkspaceSize;

/**
 * What a session is made from: the memory of a plan, or memory that is only measured to make the
 * plan.
 */
public final class SessionResources {
  private final Backend backend;
  private final NoiseSource noise;
  private final TensorArena arena;
  private final Workspace passes;
  private final Workspace decodes;

  /** Null while memory is measured. */
  private final SessionPlan plan;

  /** Memory for the start, all uses of it together; null unless memory is measured. */
  private final Temporary measured;

  private SessionResources(
      Backend backend, NoiseSource noise, SessionPlan plan, Temporary measured) {
    this.backend = backend;
    this.noise = noise;
    this.plan = plan;
    this.measured = measured;
    arena = backend.newArena();
    passes = plan == null ? Workspace.measuring() : Workspace.of(arena, passWorkspace(plan));
    decodes =
        plan == null
            ? Workspace.measuring()
            : plan.overlapped() ? Workspace.of(arena, plan.decodeWorkspace()) : passes;
  }

  /** Where the two never work at once, one workspace serves both. */
  private static WorkspaceSize passWorkspace(SessionPlan plan) {
    return plan.overlapped()
        ? plan.passWorkspace()
        : plan.passWorkspace().or(plan.decodeWorkspace());
  }

  /** The memory that a plan says, taken at once. */
  public static SessionResources of(Backend backend, NoiseSource noise, SessionPlan plan) {
    return new SessionResources(backend, noise, plan, null);
  }

  /** Memory without end that does not exist, to find out how much is needed. */
  public static SessionResources measuring(PlanningBackend backend) {
    return new SessionResources(
        backend, NoiseSource.NONE, null, new Temporary(backend.newArena(), Workspace.measuring()));
  }

  /**
   * The plan, after a session was made of these resources and has played.
   *
   * @param copiedWeights bytes of weights that are kept in another form than the files'
   */
  public SessionPlan measured(long copiedWeights) {
    return new SessionPlan(
        copiedWeights,
        measured.arena().byteSize(),
        measured.workspace().highWater(),
        arena.byteSize(),
        passes.highWater(),
        decodes.highWater(),
        overlapped(),
        arena.reinterprets());
  }

  /** Where the session runs. */
  public Backend backend() {
    return backend;
  }

  /** What the session's noise is drawn from. */
  public NoiseSource noise() {
    return noise;
  }

  /** Owner of everything that the session keeps. */
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
    return !backend.usesHostMemory();
  }

  /** Memory for encoding the start, to be closed when that is done. */
  public Temporary temporary() {
    if (measured != null) {
      return measured;
    }
    TensorArena owner = backend.newArena();
    return new Temporary(owner, Workspace.of(owner, plan.startWorkspace()));
  }

  /**
   * Memory for a while.
   *
   * @param arena owner of tensors
   * @param workspace for activations
   */
  public record Temporary(TensorArena arena, Workspace workspace) implements AutoCloseable {
    @Override
    public void close() {
      arena.close();
    }
  }
}
