package dev.orrery.model.family;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.model.sampling.NoiseSource;
import dev.orrery.model.session.ActionSpace;
import dev.orrery.model.session.MemoryPlan;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.SessionPlan;
import dev.orrery.model.session.SessionResources;
import dev.orrery.model.session.Start;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.session.WorldSession;
import dev.orrery.runtime.checkpoint.Checkpoint;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.CheckpointSet;
import dev.orrery.runtime.checkpoint.PlannedTensors;
import dev.orrery.runtime.checkpoint.TensorSource;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A model whose networks come from checkpoints in its folder: how such models are planned, loaded
 * and closed. Planning runs the very code that loads and plays, on a backend without memory.
 *
 * @param <N> the networks that a session needs
 */
public abstract class CheckpointModel<N> implements ModelFolder {
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

  /** Builds the networks that a session needs. */
  protected abstract N build(NetworkBuilder builder);

  /**
   * Encodes the start and makes the caches; everything a session ever needs on the backend is taken
   * from the resources here.
   */
  protected abstract WorldSession newSession(
      N networks, Start start, SessionResources resources, Progress progress);

  /** A start that takes as much memory as any. */
  protected abstract Start plannedStart();

  /** Chunks after which a session takes no more memory. */
  protected abstract int plannedChunks();

  /** Bytes that encoding a prompt takes before the model is loaded, 0 if the model takes none. */
  protected long promptEncoderBytes(PlanningBackend backend) {
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
          .memory(description(), files.byteSize(), promptEncoderBytes(backend));
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
    try (TensorArena weights = backend.newArena()) {
      N networks = build(new NetworkBuilder(sources, backend, weights));
      SessionResources resources = SessionResources.measuring(backend);
      try (WorldSession session = newSession(networks, plannedStart(), resources, Progress.NONE)) {
        for (int chunk = 0; chunk < plannedChunks(); chunk++) {
          session.step(actionSpace().action(actionSpace().rest()));
        }
        return resources.measured(weights.byteSize());
      }
    }
  }

  @Override
  public final WorldModel load(Backend backend, Progress progress) {
    CheckpointSet files = openCheckpoints();
    TensorArena weights = backend.newArena();
    try {
      SessionPlan plan = plan(files, PlanningBackend.like(backend));
      int mebibytes = (int) Math.max(1, files.byteSize() >> 20);
      files.load(bytes -> progress.report("loading weights", (int) (bytes >> 20), mebibytes));
      N networks =
          build(new NetworkBuilder(sources(files, checkpoint -> checkpoint), backend, weights));
      return new Loaded(networks, plan, backend, weights, files);
    } catch (RuntimeException | Error e) {
      weights.close();
      files.close();
      throw e;
    }
  }

  /** The model with its networks in memory. */
  private final class Loaded implements WorldModel {
    private final N networks;
    private final SessionPlan plan;
    private final Backend backend;
    private final TensorArena weights;
    private final CheckpointSet files;

    Loaded(
        N networks, SessionPlan plan, Backend backend, TensorArena weights, CheckpointSet files) {
      this.networks = networks;
      this.plan = plan;
      this.backend = backend;
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
    public WorldSession start(Start start, Progress progress) {
      startRequirements().check(start);
      SessionResources resources =
          SessionResources.of(backend, NoiseSource.seeded(start.seed()), plan);
      try {
        return newSession(networks, start, resources, progress);
      } catch (RuntimeException | Error e) {
        resources.arena().close();
        throw e;
      }
    }

    @Override
    public void close() {
      weights.close();
      files.close();
    }
  }
}
