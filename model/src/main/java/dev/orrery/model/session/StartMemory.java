package dev.orrery.model.session;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.model.sampling.NoiseSource;
import dev.orrery.runtime.memory.Workspace;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The memory of what a start says to all chunks of all sessions that begin with it. It is given
 * back with the last of those who use it: whoever made this, and the sessions.
 */
public final class StartMemory {
  private final Host host;
  private final TensorArena arena;

  /** Memory for encoding, all uses of it together; null unless memory is measured. */
  private final StartResources measuredStart;

  /** What the only session has taken; null unless memory is measured. */
  private SessionResources measuredSession;

  private int users = 1;

  /**
   * Where the sessions of a loaded model run.
   *
   * @param backend the backend
   * @param plan what a session takes; null while that is measured
   * @param model which model it is
   * @param closed whether the model is closed
   */
  public record Host(Backend backend, SessionPlan plan, ModelIdentity model, AtomicBoolean closed) {
    /** Where the sessions of a model run that is open. */
    public Host(Backend backend, SessionPlan plan, ModelIdentity model) {
      this(backend, plan, model, new AtomicBoolean());
    }

    /**
     * Requires that the model is there.
     *
     * @throws IllegalStateException if it is closed
     */
    public void requireOpen() {
      if (closed.get()) {
        throw new IllegalStateException("the model is closed: " + model.description());
      }
    }
  }

  private StartMemory(Host host, StartResources measuredStart) {
    this.host = host;
    this.measuredStart = measuredStart;
    arena = host.backend().newArena();
  }

  /** Memory of a start of which nothing is encoded yet; the caller releases it in the end. */
  public static StartMemory of(Host host) {
    return new StartMemory(host, null);
  }

  /** A start without memory, to find out how much is needed. */
  public static StartMemory measuring(PlanningBackend backend) {
    StartResources start = new StartResources(backend, backend.newArena(), Workspace.measuring());
    return new StartMemory(new Host(backend, null, null), start);
  }

  /** Where the sessions run. */
  public Backend backend() {
    return host.backend();
  }

  /** Owner of what the start says to all chunks. */
  public TensorArena arena() {
    return arena;
  }

  /** Memory for encoding the start, to be closed when that is done. */
  public StartResources encoding() {
    if (measuredStart != null) {
      return measuredStart;
    }
    TensorArena temporary = backend().newArena();
    try {
      Workspace workspace = Workspace.of(temporary, host.plan().startWorkspace());
      return new StartResources(backend(), temporary, workspace);
    } catch (RuntimeException | Error e) {
      temporary.close();
      throw e;
    }
  }

  /** What the noise of a session of a seed is drawn from. */
  public NoiseSource noise(long seed) {
    return measuredStart == null ? NoiseSource.seeded(seed) : NoiseSource.NONE;
  }

  /** Where the sessions run. */
  Host host() {
    return host;
  }

  /** Memory for one session, taken at once. */
  SessionResources newResources(SharedStart start) {
    SessionResources resources = new SessionResources(start, host.plan());
    if (measuredStart != null) {
      measuredSession = resources;
    }
    return resources;
  }

  /** What a session of this model says about itself. */
  SessionDescription describe(long seed, int chunk, long frames) {
    return new SessionDescription(
        host.model(), seed, chunk, frames, SessionDescription.Host.of(backend()));
  }

  /**
   * Notes that there is one more who uses it.
   *
   * @throws IllegalStateException if it was given back already, or the model is closed
   */
  synchronized void retain() {
    host.requireOpen();
    if (users == 0) {
      throw new IllegalStateException("the encoded start is closed");
    }
    users++;
  }

  /** Notes that somebody does not use it any more; the last one takes it along. */
  public synchronized void release() {
    users--;
    if (users == 0) {
      arena.close();
    }
  }

  /** Whether more than one uses it. */
  synchronized boolean isShared() {
    return users > 1;
  }

  /**
   * The plan, after a session was made and has played.
   *
   * @param copiedWeights bytes of weights that are kept in another form than the files'
   */
  public SessionPlan measured(long copiedWeights) {
    return new SessionPlan(
        copiedWeights,
        measuredStart.arena().byteSize() + measuredStart.passingBytes(),
        measuredStart.workspace().highWater(),
        arena.byteSize(),
        measuredSession.arena().byteSize(),
        measuredSession.passes().highWater(),
        measuredSession.decodes().highWater(),
        measuredSession.overlapped(),
        arena.reinterprets());
  }
}
