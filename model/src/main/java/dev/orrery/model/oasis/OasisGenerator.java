package dev.orrery.model.oasis;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.sampling.LinearCombination;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.sampling.PassRunner;
import dev.orrery.model.sampling.SigmoidSchedule;
import dev.orrery.model.session.GeneratedChunk;
import dev.orrery.model.session.SessionResources;
import dev.orrery.model.session.StepListener;
import dev.orrery.runtime.memory.SessionState;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;
import java.util.Arrays;
import java.util.List;

/**
 * The denoising loop of one session, which makes a frame at a time.
 *
 * <pre>
 * DiT(frames before, their actions, context timestep)     temporal keys and values into the caches
 * x = noise
 * for each timestep t:  v = DiT(x, action, t) over the caches;  x = DDIM step of x and v
 * </pre>
 *
 * <p>Within a frame the caches stay as they are. From frame to frame they do so while the window
 * grows; once it slides, what the oldest frame said to the others is gone, and {@link
 * OasisConfig.Context} says what becomes of it.
 *
 * <p>Source: {@code generate.py} of open-oasis, which has no caches and runs the whole window for
 * each step.
 */
final class OasisGenerator implements SessionState.Part {
  private final OasisConfig config;
  private final OasisTransformer transformer;
  private final OasisStart start;
  private final Backend backend;
  private final Workspace workspace;
  private final PassRunner runner;
  private final List<SigmoidSchedule.Step> steps;
  private final SlidingRows rows;
  private final LinearCombination combine;

  /** Caches, the frames that fill them and what their actions say. */
  private final OasisKvState kv;

  private final Tensor latents;
  private final OasisModulation contextModulation;

  /** Frames whose keys and values the caches hold; none if they are made anew for each frame. */
  private int remembered;

  /** Frames before the next one; none before the first one is made. */
  private int past;

  /** What the newest frame is made with. */
  private final Tensor x;

  private final Tensor velocity;
  private final OasisModulation stepModulation;
  private final Tensor stepTimesteps;
  private final Tensor stepActions;
  private final Tensor contextTimesteps;

  /** Positions of the last two frames, where they grow without end. */
  private final Tensor positions;

  /**
   * A loop at frame 0.
   *
   * @param start the frames before it; may be encoded later than this is made
   * @param resources owner of the caches and of the session's tensors
   */
  OasisGenerator(
      OasisConfig config,
      OasisTransformer transformer,
      OasisStart start,
      SessionResources resources) {
    this.config = config;
    this.transformer = transformer;
    this.start = start;
    backend = resources.backend();
    workspace = resources.passes();
    runner = new PassRunner(backend, resources.noise());
    steps = new SigmoidSchedule().ddim(config.steps());
    combine = backend.kernel(LinearCombination.class);
    OasisTransformerConfig dit = config.dit();
    rows = new SlidingRows(dit.window());
    TensorArena arena = resources.arena();
    kv = transformer.newKvState(dit.window(), arena);
    latents = frames(rows.capacity(), arena);
    contextModulation = transformer.newModulation(rows.capacity(), arena);
    x = frames(1, arena);
    velocity = frames(1, arena);
    stepModulation = transformer.newModulation(steps.size(), arena);
    stepTimesteps = arena.empty(DType.F32, steps.size());
    stepActions = arena.empty(DType.F32, steps.size(), dit.actionDim());
    contextTimesteps = arena.empty(DType.F32, dit.window());
    int pairs = transformer.windowRotary().size(1);
    positions = arena.empty(DType.F32, 2, pairs, 2);
    float[] timesteps = new float[steps.size()];
    for (int i = 0; i < timesteps.length; i++) {
      timesteps[i] = steps.get(i).timestep();
    }
    runner.upload(timesteps, stepTimesteps);
    float[] context = new float[dit.window()];
    Arrays.fill(context, config.contextTimestep());
    runner.upload(context, contextTimesteps);
  }

  private Tensor frames(int count, TensorArena arena) {
    OasisTransformerConfig dit = config.dit();
    return arena.empty(DType.F32, count, dit.rows(), dit.columns(), dit.channels());
  }

  /** A tensor like those that are decoded. */
  Tensor latents() {
    return x;
  }

  /** Forward passes over one frame: the one over the frames before it, and the steps. */
  int steps() {
    return steps.size() + 1;
  }

  /**
   * Makes one frame. Until it is completed it can be made again.
   *
   * @param chunk the next frame, or the last one again; those of the start are not counted
   * @return the clean latent {@code [1, h, w, c]}; it is one of the past when it is completed
   */
  GeneratedChunk generate(int chunk, OasisAction action, StepListener listener, Trace trace) {
    int newest = start.frames() + chunk;
    listener.beforeStep(0, steps());
    uploadConditions(newest, action);
    runner.run(
        () -> {
          if (chunk == 0) {
            begin();
          }
          condition(newest);
          remember(newest);
        },
        Trace.NONE);
    remembered = slides(newest) ? 0 : newest;
    runner.draw(chunk, x);
    for (int i = 0; i < steps.size(); i++) {
      listener.beforeStep(i + 1, steps());
      OasisFrames frame = frame(newest, stepModulation.rows(i, i + 1));
      SigmoidSchedule.Step step = steps.get(i);
      Trace stepTrace = trace.at("step" + i);
      runner.run(
          () -> {
            stepTrace.tap("x", x);
            transformer.forward(x, frame, kv, workspace, velocity, stepTrace);
            stepTrace.tap("v", velocity);
            combine.run(step.sample(), x, step.velocity(), velocity, x);
          },
          stepTrace);
    }
    listener.beforeStep(steps(), steps());
    return new GeneratedChunk(x, () -> keep(newest));
  }

  private void keep(int newest) {
    backend.copy(x.row(0), latents.row(rows.row(newest, newest)));
    past = newest + 1;
  }

  /** Whether the caches are made anew for a frame. */
  private boolean slides(int newest) {
    return config.context() == OasisConfig.Context.EXACT && newest >= rows.window();
  }

  private void uploadConditions(int newest, OasisAction action) {
    int entries = action.values().length;
    float[] repeated = new float[steps.size() * entries];
    for (int i = 0; i < steps.size(); i++) {
      System.arraycopy(action.values(), 0, repeated, i * entries, entries);
    }
    runner.upload(repeated, stepActions);
    if (config.context() == OasisConfig.Context.RING) {
      runner.upload(transformer.temporalRotary(newest - 1, 2), positions);
    }
  }

  /** Takes the frames of the start. */
  private void begin() {
    int frames = start.frames();
    backend.copy(start.latents(), latents.slice(0, frames));
    transformer.modulate(
        contextTimesteps.slice(0, frames),
        start.actions(),
        workspace,
        contextModulation.rows(0, frames),
        Trace.NONE);
  }

  /** What the newest frame's action says, at each of its timesteps and as one of the past. */
  private void condition(int newest) {
    if (rows.moves(newest)) {
      int from = rows.movedFrom();
      int count = rows.capacity() - from;
      backend.copy(latents.slice(from, rows.capacity()), latents.slice(0, count));
      contextModulation.copy(from, 0, count, backend);
    }
    int row = rows.row(newest, newest);
    transformer.modulate(stepTimesteps, stepActions, workspace, stepModulation, Trace.NONE);
    transformer.modulate(
        contextTimesteps.slice(0, 1),
        stepActions.slice(0, 1),
        workspace,
        contextModulation.rows(row, row + 1),
        Trace.NONE);
  }

  /** Brings keys and values of the frames before the newest one into the caches. */
  private void remember(int newest) {
    int first = slides(newest) ? rows.first(newest) : remembered;
    if (first == newest) {
      return;
    }
    int from = rows.row(first, newest);
    int to = rows.row(newest, newest);
    OasisModulation modulation = contextModulation.rows(from, to);
    OasisFrames frames;
    if (first >= rows.window() && !slides(newest)) {
      frames =
          new OasisFrames(modulation, positions.slice(0, 1), first % rows.window(), rows.window());
    } else {
      int row = slides(newest) ? 0 : first;
      Tensor rotary = transformer.windowRotary().slice(row, row + newest - first);
      frames = OasisFrames.after(row, modulation, rotary);
    }
    transformer.remember(latents.slice(from, to), frames, kv, workspace);
  }

  /** The newest frame in its window. */
  private OasisFrames frame(int newest, OasisModulation modulation) {
    int window = rows.window();
    if (newest < window) {
      Tensor rotary = transformer.windowRotary().slice(newest, newest + 1);
      return OasisFrames.after(newest, modulation, rotary);
    }
    return config.context() == OasisConfig.Context.EXACT
        ? OasisFrames.after(
            window - 1, modulation, transformer.windowRotary().slice(window - 1, window))
        : new OasisFrames(modulation, positions.slice(1, 2), newest % window, window);
  }

  @Override
  public void visitState(SessionState.Visitor state) {
    past = (int) state.number("frames", past, Integer.MAX_VALUE / 2);
    remembered = (int) state.number("remembered", remembered, past);
    kv.visitState(state, Math.min(remembered, rows.window()));
    if (past > 0) {
      int from = rows.row(rows.first(past), past - 1);
      int to = rows.row(past - 1, past - 1) + 1;
      state.tensor("latents", latents.slice(from, to));
      contextModulation.rows(from, to).visitState(state);
    }
  }
}
