package dev.orrery.model.family;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.model.sampling.NoiseSource;
import dev.orrery.model.session.Action;
import dev.orrery.model.session.ActionSpace;
import dev.orrery.model.session.ChunkSession;
import dev.orrery.model.session.ChunkWork;
import dev.orrery.model.session.EncodedStart;
import dev.orrery.model.session.MemoryPlan;
import dev.orrery.model.session.ModelIdentity;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.SavedSession;
import dev.orrery.model.session.SessionPlan;
import dev.orrery.model.session.SessionResources;
import dev.orrery.model.session.SharedStart;
import dev.orrery.model.session.Start;
import dev.orrery.model.session.StartMemory;
import dev.orrery.model.session.StartResources;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.session.WorldSession;
import dev.orrery.runtime.checkpoint.Checkpoint;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.CheckpointSet;
import dev.orrery.runtime.checkpoint.PlannedTensors;
import dev.orrery.runtime.checkpoint.TensorSource;
import dev.orrery.runtime.memory.SessionState;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/**
 * A model whose networks come from checkpoints in its folder: how such models are planned, loaded
 * and closed. Planning runs the very code that loads and plays, on a backend without memory.
 *
 * <p>What a session keeps has two halves. What the start says to all chunks, such as the keys and
 * values of an image, is encoded once, never changes, and is shared by forks and by the sessions of
 * other seeds. Everything else is the session's own, see {@link ChunkSession#visitGenerator}.
 *
 * @param <N> the networks that a session needs
 * @param <C> what the start says to all chunks
 */
public abstract class CheckpointModel<N, C extends SessionState.Part> implements ModelFolder {
  private final Path folder;

  /**
   * @param folder where the configuration lies
   */
  protected CheckpointModel(Path folder) {
    this.folder = folder;
  }

  /** Where the configuration lies. */
  protected final Path folder() {
    return folder;
  }

  /** The networks that a session needs, the transformer first. */
  protected abstract List<NetworkWeights<?>> sessionNetworks();

  /** Those that a session needs, unless a family has others. */
  @Override
  public List<NetworkWeights<?>> networks() {
    return sessionNetworks();
  }

  /** Builds the networks that a session needs. */
  protected abstract N build(NetworkBuilder builder);

  /** The id of the family. */
  protected abstract String family();

  /** The files of the configuration. */
  protected List<Path> configurations() {
    return List.of(folder.resolve("config.json"));
  }

  /**
   * Room for what the start says to all chunks; its size is the same for all starts.
   *
   * @param arena owner of it
   */
  protected abstract C newCondition(N networks, Backend backend, TensorArena arena);

  /**
   * Encodes a start, for sessions of all seeds.
   *
   * @param condition gets what the start says to all chunks
   * @param resources memory for the time of the call
   */
  protected abstract void encode(
      N networks, Start start, C condition, StartResources resources, Progress progress);

  /**
   * What a start says to the sessions of one seed: the same to all, unless noise goes into it.
   *
   * @param encoded must not change
   * @param noise of the seed
   * @return may share the memory of {@code encoded}, and takes none of the backend's
   */
  protected C withNoise(C encoded, NoiseSource noise) {
    return encoded;
  }

  /**
   * A session at chunk 0, with its caches empty; everything it ever needs on the backend is taken
   * from the resources here.
   *
   * @param condition may be encoded, or about to be restored: not to be read before the first chunk
   */
  protected abstract ChunkSession<?> newSession(
      N networks, C condition, SessionResources resources);

  /** A start that takes as much memory as any. */
  protected abstract Start plannedStart();

  /** Chunks after which a session takes no more memory. */
  protected abstract int plannedChunks();

  /** Bytes that encoding a prompt takes before the model is loaded, 0 if the model takes none. */
  protected long promptEncoderBytes(PlanningBackend backend) {
    return 0;
  }

  /** See {@link MemoryPlan#scratchPerHour}; 0 unless a family has more. */
  protected long scratchPerHour() {
    return 0;
  }

  private CheckpointSet openCheckpoints() {
    List<Supplier<Checkpoint>> openers =
        sessionNetworks().stream()
            .<Supplier<Checkpoint>>map(network -> () -> network.files().open())
            .toList();
    return new CheckpointSet(openers);
  }

  private Map<NetworkWeights<?>, TensorSource> sources(
      CheckpointSet files, Function<Checkpoint, TensorSource> source) {
    Map<NetworkWeights<?>, TensorSource> sources = new HashMap<>();
    for (int i = 0; i < sessionNetworks().size(); i++) {
      sources.put(sessionNetworks().get(i), source.apply(files.checkpoints().get(i)));
    }
    return sources;
  }

  @Override
  public final MemoryPlan plan(PlanningBackend backend) {
    try (CheckpointSet files = openCheckpoints()) {
      return plan(files, backend)
          .memory(description(), files.byteSize(), promptEncoderBytes(backend), scratchPerHour());
    }
  }

  private SessionPlan plan(CheckpointSet files, PlanningBackend backend) {
    try {
      return planSession(sources(files, PlannedTensors::like), backend);
    } catch (IllegalArgumentException | ArithmeticException | NegativeArraySizeException e) {
      // All weights fit the settings or are refused by name; what is left are sizes beyond reason.
      throw new CheckpointException(
          folder.toString(), "the settings give no model that can run: " + e.getMessage(), e);
    }
  }

  /**
   * Finds what the model and each session take by playing one without memory.
   *
   * @param sources the tensors of each network, which need no memory behind them
   * @param backend a plan of the backend that the model is to run on
   */
  public final SessionPlan planSession(
      Map<NetworkWeights<?>, TensorSource> sources, PlanningBackend backend) {
    return planSession(sources, backend, chunk -> {});
  }

  /**
   * The same, telling when each chunk begins; the last one takes as much as any later.
   *
   * @param begins gets the number of a chunk, from 0
   */
  public final SessionPlan planSession(
      Map<NetworkWeights<?>, TensorSource> sources, PlanningBackend backend, IntConsumer begins) {
    try (TensorArena weights = backend.newArena()) {
      N networks = build(new NetworkBuilder(sources, backend, weights));
      StartMemory measuring = StartMemory.measuring(backend);
      try (EncodedStart encoded = encode(networks, plannedStart(), measuring, Progress.NONE);
          WorldSession session = encoded.start(0)) {
        for (int chunk = 0; chunk < plannedChunks(); chunk++) {
          begins.accept(chunk);
          session.step(actionSpace().action(actionSpace().rest()));
        }
        return measuring.measured(weights.byteSize());
      }
    }
  }

  @Override
  public final Optional<ChunkWork> work() {
    try (CheckpointSet files = openCheckpoints()) {
      Start full = plannedStart();
      int least = Math.min(startRequirements().images().least(), full.images().size());
      Start smallest =
          new Start(full.images().subList(0, least), full.tokens(), full.prompt(), full.seed());
      return Optional.of(
          new ChunkWork(
              lastOperations(files, smallest, 1), lastOperations(files, full, plannedChunks())));
    }
  }

  /** Operations of the last of some chunks. */
  private double lastOperations(CheckpointSet files, Start start, int chunks) {
    try (PlanningBackend backend = PlanningBackend.cpu();
        TensorArena weights = backend.newArena()) {
      N networks =
          build(new NetworkBuilder(sources(files, PlannedTensors::like), backend, weights));
      StartMemory measuring = StartMemory.measuring(backend);
      try (EncodedStart encoded = encode(networks, start, measuring, Progress.NONE);
          WorldSession session = encoded.start(0)) {
        double before = 0;
        for (int chunk = 0; chunk < chunks; chunk++) {
          before = backend.operations();
          session.step(actionSpace().action(actionSpace().rest()));
        }
        return backend.operations() - before;
      }
    }
  }

  /**
   * Encodes a start for networks in memory.
   *
   * @param memory nothing is encoded in it yet; given back with the result and its sessions, or
   *     when this fails
   */
  public final EncodedStart encode(N networks, Start start, StartMemory memory, Progress progress) {
    return encoded(networks, start, memory, progress);
  }

  private StartInMemory encoded(N networks, Start start, StartMemory memory, Progress progress) {
    try {
      C condition = newCondition(networks, memory.backend(), memory.arena());
      try (StartResources resources = memory.encoding()) {
        encode(networks, start, condition, resources, progress);
        memory.backend().synchronize();
      }
      return new StartInMemory(
          memory, seed -> shared(networks, memory, seed, withNoise(condition, memory.noise(seed))));
    } catch (RuntimeException | Error e) {
      memory.release();
      throw e;
    }
  }

  /** What the sessions of a seed have in common. */
  private SharedStart shared(N networks, StartMemory memory, long seed, C condition) {
    return new SharedStart(
        memory,
        seed,
        memory.noise(seed),
        condition,
        resources -> newSession(networks, condition, resources));
  }

  /** Makes the session that was saved. */
  private ChunkSession<?> restored(N networks, SavedSession saved, StartMemory memory) {
    ChunkSession<?> session;
    try {
      C condition = newCondition(networks, memory.backend(), memory.arena());
      session = shared(networks, memory, saved.description().seed(), condition).newSession();
    } finally {
      memory.release();
    }
    try {
      saved.restore(memory.backend(), session);
      memory.backend().synchronize();
      return session;
    } catch (RuntimeException | Error e) {
      session.close();
      throw e;
    }
  }

  /** Rehearses a session without memory, see {@link SavedSession#rehearse}. */
  private void rehearse(CheckpointSet files, SavedSession saved, PlanningBackend backend) {
    Action idle = actionSpace().action(actionSpace().rest());
    try (TensorArena weights = backend.newArena()) {
      N networks =
          build(new NetworkBuilder(sources(files, PlannedTensors::like), backend, weights));
      StartMemory measuring = StartMemory.measuring(backend);
      ChunkSession<?> only;
      try (StartInMemory encoded = encoded(networks, plannedStart(), measuring, Progress.NONE)) {
        only = encoded.start(0);
      }
      try (ChunkSession<?> session = only) {
        // Decoders know the sizes of what they remember once they have decoded a chunk.
        session.step(idle);
        saved.rehearse(session, backend, idle);
      }
    }
  }

  @Override
  public final WorldModel load(Backend backend, Progress progress) {
    Objects.requireNonNull(backend, "backend");
    CheckpointSet files = openCheckpoints();
    TensorArena weights = backend.newArena();
    try {
      ModelIdentity identity = ModelFingerprint.identity(this, family(), configurations(), files);
      SessionPlan plan = plan(files, PlanningBackend.like(backend));
      int mebibytes = (int) Math.max(1, files.byteSize() >> 20);
      files.load(bytes -> progress.report("loading weights", (int) (bytes >> 20), mebibytes));
      N networks =
          build(new NetworkBuilder(sources(files, checkpoint -> checkpoint), backend, weights));
      return new Loaded(networks, new StartMemory.Host(backend, plan, identity), weights, files);
    } catch (RuntimeException | Error e) {
      weights.close();
      files.close();
      throw e;
    }
  }

  /** The model with its networks in memory. */
  private final class Loaded implements WorldModel {
    private final N networks;
    private final StartMemory.Host host;
    private final TensorArena weights;
    private final CheckpointSet files;

    Loaded(N networks, StartMemory.Host host, TensorArena weights, CheckpointSet files) {
      this.networks = networks;
      this.host = host;
      this.weights = weights;
      this.files = files;
    }

    @Override
    public String description() {
      return CheckpointModel.this.description();
    }

    @Override
    public int width() {
      return video().width();
    }

    @Override
    public int height() {
      return video().height();
    }

    @Override
    public int framesPerSecond() {
      return video().framesPerSecond();
    }

    @Override
    public ActionSpace actionSpace() {
      return CheckpointModel.this.actionSpace();
    }

    @Override
    public int framesOfChunk(int chunk) {
      return CheckpointModel.this.framesOfChunk(chunk);
    }

    @Override
    public MemoryPlan memory() {
      return host.plan().memory(description(), files.byteSize(), 0, scratchPerHour());
    }

    @Override
    public EncodedStart encode(Start start, Progress progress) {
      Objects.requireNonNull(start, "start");
      host.requireOpen();
      startRequirements().check(start);
      return CheckpointModel.this.encode(networks, start, StartMemory.of(host), progress);
    }

    @Override
    public WorldSession resume(Path file, Progress progress) {
      Objects.requireNonNull(file, "file");
      host.requireOpen();
      progress.report("resuming the session", 0, 1);
      try (SavedSession saved = SavedSession.open(file)) {
        saved.requireGoesOn(host.model(), host.backend());
        rehearse(files, saved, PlanningBackend.like(host.backend()));
        WorldSession session = restored(networks, saved, StartMemory.of(host));
        progress.report("resuming the session", 1, 1);
        return session;
      }
    }

    @Override
    public void close() {
      host.closed().set(true);
      weights.close();
      files.close();
    }
  }
}
