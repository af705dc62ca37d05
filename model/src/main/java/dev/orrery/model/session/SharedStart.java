package dev.orrery.model.session;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.model.sampling.NoiseSource;
import dev.orrery.runtime.memory.SessionState;
import dev.orrery.runtime.memory.Workspace;
import java.util.function.Function;

/**
 * What a session and its forks have in common: their seed, and what the start says to all chunks,
 * which nobody changes once it is there. Its memory is given back with the last of the sessions.
 */
public final class SharedStart {
  private final Host host;
  private final long seed;
  private final NoiseSource noise;
  private final TensorArena arena;

  /** Memory for encoding, all uses of it together; null unless memory is measured. */
  private final StartResources measuredStart;

  /** What the only session has taken; null unless memory is measured. */
  private SessionResources measuredSession;

  private SessionState.Part condition = state -> {};
  private Function<SessionResources, ? extends ChunkSession<?>> maker;
  private int sessions;

  /**
   * Where the sessions of a loaded model run.
   *
   * @param backend the backend
   * @param plan what a session takes; null while that is measured
   * @param model which model it is
   */
  public record Host(Backend backend, SessionPlan plan, ModelIdentity model) {}

  private SharedStart(Host host, long seed, NoiseSource noise, StartResources measuredStart) {
    this.host = host;
    this.seed = seed;
    this.noise = noise;
    this.measuredStart = measuredStart;
    arena = host.backend().newArena();
  }

  /** The start of a seed, of which nothing is encoded yet. */
  public static SharedStart of(Host host, long seed) {
    return of(host, seed, NoiseSource.seeded(seed));
  }

  /** The same with noise from elsewhere. */
  public static SharedStart of(Host host, long seed, NoiseSource noise) {
    return new SharedStart(host, seed, noise, null);
  }

  /** A start without memory, to find out how much is needed. */
  public static SharedStart measuring(PlanningBackend backend) {
    StartResources start =
        new StartResources(backend, NoiseSource.NONE, backend.newArena(), Workspace.measuring());
    return new SharedStart(new Host(backend, null, null), 0, NoiseSource.NONE, start);
  }

  /** Where the sessions run. */
  public Backend backend() {
    return host.backend();
  }

  /** Chooses one of the possible worlds. */
  public long seed() {
    return seed;
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
    Workspace workspace = Workspace.of(temporary, host.plan().startWorkspace());
    return new StartResources(backend(), noise, temporary, workspace);
  }

  /** Memory for one session, taken at once. */
  public SessionResources newResources() {
    SessionResources resources = new SessionResources(this, noise, host.plan());
    if (measuredStart != null) {
      measuredSession = resources;
    }
    return resources;
  }

  /**
   * Makes the first session.
   *
   * @param encoded what the start says to all chunks, in {@link #arena}
   * @param sessionMaker makes a session at chunk 0
   */
  public ChunkSession<?> first(
      SessionState.Part encoded,
      Function<SessionResources, ? extends ChunkSession<?>> sessionMaker) {
    condition = encoded;
    maker = sessionMaker;
    return another();
  }

  /** Makes a session at chunk 0 beside those that there are. */
  synchronized ChunkSession<?> another() {
    SessionResources resources = newResources();
    try {
      ChunkSession<?> session = maker.apply(resources);
      sessions++;
      return session;
    } catch (RuntimeException | Error e) {
      resources.arena().close();
      throw e;
    }
  }

  /** What the start says to all chunks. */
  SessionState.Part condition() {
    return condition;
  }

  /** Whether there is more than one session. */
  synchronized boolean isShared() {
    return sessions > 1;
  }

  /** What a session of this start says about itself. */
  SessionDescription describe(int chunk, long frames) {
    return new SessionDescription(
        host.model(), seed, chunk, frames, SessionDescription.Host.of(backend()));
  }

  /** Notes that a session is closed; the last one takes the start with it. */
  synchronized void release() {
    sessions--;
    if (sessions == 0) {
      arena.close();
    }
  }

  /** Gives up a start that has no session. */
  public void abandon() {
    arena.close();
  }

  /**
   * The plan, after a session was made and has played.
   *
   * @param copiedWeights bytes of weights that are kept in another form than the files'
   */
  public SessionPlan measured(long copiedWeights) {
    return new SessionPlan(
        copiedWeights,
        measuredStart.arena().byteSize(),
        measuredStart.workspace().highWater(),
        arena.byteSize(),
        measuredSession.arena().byteSize(),
        measuredSession.passes().highWater(),
        measuredSession.decodes().highWater(),
        measuredSession.overlapped(),
        arena.reinterprets());
  }
}
