package dev.orrery.model.worldplay;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.position.RotaryTable;
import dev.orrery.kernels.sampling.LinearCombination;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.sampling.PassRunner;
import dev.orrery.model.session.GeneratedChunk;
import dev.orrery.model.session.SessionResources;
import dev.orrery.model.session.StepListener;
import dev.orrery.runtime.memory.SessionState;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;
import java.util.Arrays;

/**
 * The few-step loop of one session: noise becomes the clean latents of a chunk in four passes of
 * the transformer, after one that fills its memory with the frames that the cameras ask for.
 *
 * <pre>
 * DiT(remembered latents, t = 14)     memory only
 * x = noise; in the first chunk of a session from an image, frame 0 is the image and stays
 * for each timestep t:  x = x + (sigma of the next - sigma of t) DiT(x, t)
 * </pre>
 *
 * <p>Source: the autoregressive loop of HY-WorldPlay's WAN pipeline.
 */
final class WorldPlayGenerator implements WorldPlayLoop {
  /** Latent frames that are made together. */
  static final int FRAMES = MemoryRetrieval.CHUNK_FRAMES;

  /** The distilled schedule; a sigma is a thousandth of its timestep, and 0 follows the last. */
  private static final float[] TIMESTEPS = {1000, 960, 888.8889f, 727.2728f};

  /** Denoising steps of a chunk. */
  static final int STEPS = TIMESTEPS.length;

  private static final double TIMESTEPS_PER_SIGMA = 1000;

  /** What remembered frames and the image are labelled with, although no noise was added. */
  private static final float CONTEXT_TIMESTEP = 14;

  private static final int LONGEST_MEMORY = MemoryRetrieval.longest(0);
  private static final double ROTARY_THETA = 10000;

  private final WorldPlayTransformerConfig config;
  private final WorldPlayTransformer transformer;
  private final PassRunner runner;
  private final WorldPlayCondition condition;
  private final MemoryRetrieval retrieval;
  private final Workspace workspace;
  private final WorldPlayKvState memory;
  private final int tokenRows;
  private final int tokenColumns;
  private final Tensor remembered;
  private final Tensor x;
  private final Tensor velocity;
  private final Tensor timesteps;
  private final Tensor actions;
  private final Tensor rotary;
  private final WindowCameras cameras;
  private final LinearCombination combination;
  private final LatentHistory history;

  /**
   * A loop at chunk 0.
   *
   * @param retrieval which earlier frames the transformer sees
   * @param resources owner of the session's tensors
   */
  WorldPlayGenerator(
      WorldPlayConfig model,
      WorldPlayTransformer transformer,
      WorldPlayCondition condition,
      MemoryRetrieval retrieval,
      SessionResources resources) {
    this.transformer = transformer;
    config = model.dit();
    Backend backend = resources.backend();
    runner = new PassRunner(backend, resources.noise());
    this.condition = condition;
    this.retrieval = retrieval;
    workspace = resources.passes();
    TensorArena arena = resources.arena();
    int rows = model.latentHeight();
    int columns = model.latentWidth();
    tokenRows = rows / config.patch();
    tokenColumns = columns / config.patch();
    int window = LONGEST_MEMORY + FRAMES;
    int tokensPerFrame = tokenRows * tokenColumns;
    memory = transformer.newKvState(condition.texts(), window * tokensPerFrame, arena);
    remembered = arena.empty(DType.F32, LONGEST_MEMORY, rows, columns, config.channels());
    x = arena.empty(DType.F32, FRAMES, rows, columns, config.channels());
    velocity = arena.empty(DType.F32, FRAMES, rows, columns, config.channels());
    timesteps = arena.empty(DType.F32, LONGEST_MEMORY);
    actions = arena.empty(DType.F32, LONGEST_MEMORY);
    rotary =
        arena.empty(DType.F32, (long) LONGEST_MEMORY * tokensPerFrame, config.headDim() / 2, 2);
    cameras = new WindowCameras(window, runner, arena);
    history = new LatentHistory(backend, x);
    combination = backend.kernel(LinearCombination.class);
  }

  @Override
  public Tensor latents() {
    return x;
  }

  @Override
  public GeneratedChunk generate(PlayedPath path, StepListener listener, Trace trace) {
    int first = history.frames();
    ContextWindow window = retrieval.select(path.cameras(), first);
    cameras.upload(window, path);
    if (!window.memory().isEmpty()) {
      remember(window, path, trace);
    }
    runner.draw(first / FRAMES, x);
    boolean keepsFirst = first == 0 && condition.image() != null;
    if (keepsFirst) {
      runner.upload(condition.image(), x.slice(0, 1));
    }
    denoise(window, path, keepsFirst, listener, trace);
    listener.beforeStep(STEPS, STEPS);
    history.offer(x);
    return new GeneratedChunk(x, history::keep);
  }

  /** Leaves the remembered frames' keys and values in the window. */
  private void remember(ContextWindow window, PlayedPath path, Trace trace) {
    int frames = window.memory().size();
    float[] classes = new float[frames];
    for (int i = 0; i < frames; i++) {
      classes[i] = path.label(window.memory().get(i));
    }
    float[] times = new float[frames];
    Arrays.fill(times, CONTEXT_TIMESTEP);
    runner.upload(history.read(window.memory()), remembered.slice(0, frames));
    forward(remembered.slice(0, frames), times, classes, 0, null, trace.at("memory"));
  }

  private void denoise(
      ContextWindow window,
      PlayedPath path,
      boolean keepsFirst,
      StepListener listener,
      Trace trace) {
    float[] classes = new float[FRAMES];
    for (int f = 0; f < FRAMES; f++) {
      classes[f] = path.label(window.firstFrame() + f);
    }
    int changed = keepsFirst ? 1 : 0;
    for (int i = 0; i < STEPS; i++) {
      listener.beforeStep(i, STEPS);
      float[] times = new float[FRAMES];
      Arrays.fill(times, TIMESTEPS[i]);
      if (keepsFirst) {
        times[0] = CONTEXT_TIMESTEP;
      }
      Trace step = trace.at("step" + i);
      forward(x, times, classes, window.firstChunkSlot(), velocity, step);
      step.tap("velocity", velocity);
      double next = i + 1 < STEPS ? TIMESTEPS[i + 1] : 0;
      double sigma = (TIMESTEPS[i] - next) / TIMESTEPS_PER_SIGMA;
      Tensor part = x.slice(changed, FRAMES);
      combination.run(1, part, -sigma, velocity.slice(changed, FRAMES), part);
    }
  }

  private void forward(
      Tensor latents, float[] times, float[] classes, int firstSlot, Tensor out, Trace trace) {
    int frames = latents.size(0);
    int tokensPerFrame = tokenRows * tokenColumns;
    runner.upload(times, timesteps.slice(0, frames));
    runner.upload(classes, actions.slice(0, frames));
    Tensor table = rotary.slice(0, (long) frames * tokensPerFrame);
    runner.upload(
        RotaryTable.video(
            firstSlot, frames, tokenRows, tokenColumns, config.headDim(), ROTARY_THETA),
        table);
    WorldPlayPositions step =
        new WorldPlayPositions(
            firstSlot,
            tokensPerFrame,
            table,
            cameras.imageFromWorld(firstSlot, frames),
            cameras.worldFromImage(firstSlot + frames));
    runner.run(
        () ->
            transformer.forward(
                latents,
                timesteps.slice(0, frames),
                actions.slice(0, frames),
                step,
                memory,
                workspace,
                out,
                trace),
        trace);
  }

  @Override
  public void visitState(SessionState.Visitor state) {
    history.visitState(state);
  }

  @Override
  public void close() {
    history.close();
  }
}
