package dev.orrery.model.matrixgame2;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.elementwise.Convert;
import dev.orrery.kernels.position.RotaryTable;
import dev.orrery.kernels.sampling.LinearCombination;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.sampling.FlowMatchSchedule;
import dev.orrery.model.sampling.PassRunner;
import dev.orrery.model.session.GeneratedChunk;
import dev.orrery.model.session.SessionResources;
import dev.orrery.model.session.StepListener;
import dev.orrery.runtime.memory.SessionState;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;
import java.util.Arrays;

/**
 * The few-step loop of one session: noise becomes the clean latents of a chunk in a few passes of
 * the transformer, and one more pass leaves the clean chunk in the caches for the next one.
 *
 * <pre>
 * x = noise
 * for each timestep t:  velocity = DiT(x, t);  clean = x - sigma(t) velocity;  x = add noise of the next t to clean
 * DiT(clean, context noise)     caches only, once the chunk is decoded
 * </pre>
 *
 * <p>Source: {@code CausalInferencePipeline} of Matrix-Game 2.0.
 */
final class MatrixGame2Generator implements SessionState.Part {
  private static final double VIDEO_THETA = 10000;

  /** Streams of the seed that a chunk may draw from: its start and every later denoising step. */
  static final long STREAMS_PER_CHUNK = 1 << 12;

  private final MatrixGame2Config config;
  private final MatrixGame2Transformer transformer;
  private final MatrixGame2Condition condition;
  private final PassRunner runner;
  private final MatrixGame2KvState memory;
  private final Workspace workspace;
  private final float[] timesteps;
  private final float[] sigmas;
  private final Tensor latents;
  private final Tensor noiseTensor;
  private final Tensor velocity;
  private final Tensor clean;
  private final Tensor frameTimesteps;
  private final Tensor rotary;
  private final Tensor actionRotary;
  private final Tensor mouseWindows;
  private final Tensor keyboardWindows;
  private final LinearCombination combination;
  private final Convert convert;

  /**
   * A loop at chunk 0.
   *
   * @param resources owner of the caches and of the session's tensors
   */
  MatrixGame2Generator(
      MatrixGame2Config config,
      MatrixGame2Transformer transformer,
      MatrixGame2Condition condition,
      SessionResources resources) {
    this.config = config;
    this.transformer = transformer;
    this.condition = condition;
    workspace = resources.passes();
    runner = new PassRunner(resources.backend(), resources.noise());
    Backend backend = resources.backend();
    TensorArena arena = resources.arena();
    FlowMatchSchedule schedule = new FlowMatchSchedule(config.timestepShift());
    timesteps = config.warpSteps() ? schedule.warped(config.denoisingSteps()) : plain(config);
    sigmas = new float[timesteps.length];
    for (int i = 0; i < sigmas.length; i++) {
      sigmas[i] = schedule.sigmaAt(timesteps[i]);
    }
    memory = transformer.newKvState(condition.images(), config.tokensPerFrame(), arena);
    int frames = config.framesPerChunk();
    latents = config.emptyLatents(arena);
    noiseTensor = config.emptyLatents(arena);
    velocity = config.emptyLatents(arena);
    clean = config.emptyLatents(arena);
    frameTimesteps = arena.empty(DType.F32, frames);
    int headDim = config.dit().dim() / config.dit().heads();
    rotary = arena.empty(DType.F32, (long) frames * config.tokensPerFrame(), headDim / 2, 2);
    ActionConfig action = config.dit().action();
    actionRotary = arena.empty(DType.F32, frames, action.rotaryDim() / 2, 2);
    DType tokens = backend.computeTypes().transformer();
    mouseWindows =
        action.enableMouse()
            ? arena.empty(tokens, frames, (long) action.window() * action.mouseDim())
            : null;
    keyboardWindows =
        action.enableKeyboard()
            ? arena.empty(tokens, (long) frames * action.window(), action.keyboardDim())
            : null;
    combination = backend.kernel(LinearCombination.class);
    convert = backend.kernel(Convert.class);
  }

  private static float[] plain(MatrixGame2Config config) {
    float[] out = new float[config.denoisingSteps().size()];
    for (int i = 0; i < out.length; i++) {
      out[i] = config.denoisingSteps().get(i);
    }
    return out;
  }

  /** A tensor like those that are decoded. */
  Tensor latents() {
    return latents;
  }

  /** Forward passes of the transformer over one chunk. */
  int steps() {
    return timesteps.length + 1;
  }

  /** What the transformer remembers. */
  MatrixGame2KvState memory() {
    return memory;
  }

  /**
   * Generates one chunk. Until it is completed it can be generated again.
   *
   * @param chunk the next chunk, or the last one again
   * @param actions all actions up to the end of the chunk
   * @return clean latents {@code [F, h, w, 16]}; the last pass completes them
   */
  GeneratedChunk generate(int chunk, ActionHistory actions, StepListener listener, Trace trace) {
    MatrixGame2Chunk step = step(chunk, actions);
    Tensor chunkCondition = condition.ofChunk(chunk, config.framesPerChunk());
    draw(chunk, 0, latents);
    for (int i = 0; i < timesteps.length; i++) {
      listener.beforeStep(i, timesteps.length);
      Trace stepTrace = trace.at("step" + i);
      forward(latents, timesteps[i], chunkCondition, step, stepTrace);
      combination.run(1, latents, -sigmas[i], velocity, clean);
      stepTrace.tap("x0", clean);
      if (i + 1 < timesteps.length) {
        draw(chunk, i + 1, noiseTensor);
        float sigma = sigmas[i + 1];
        // 1 - sigma is rounded to fp32, as the reference rounds it.
        combination.run(1 - sigma, clean, sigma, noiseTensor, latents);
      }
    }
    listener.beforeStep(timesteps.length, timesteps.length);
    return new GeneratedChunk(
        clean,
        () -> forward(clean, config.contextNoise(), chunkCondition, step, trace.at("context")));
  }

  private void forward(
      Tensor x, float timestep, Tensor chunkCondition, MatrixGame2Chunk step, Trace trace) {
    float[] all = new float[config.framesPerChunk()];
    Arrays.fill(all, timestep);
    runner.upload(all, frameTimesteps);
    trace.tap("x_in", x);
    runner.run(
        () ->
            transformer.forward(
                x, chunkCondition, frameTimesteps, step, memory, workspace, velocity, trace),
        trace);
    trace.tap("velocity", velocity);
  }

  private void draw(int chunk, int step, Tensor out) {
    runner.draw(chunk * STREAMS_PER_CHUNK + step, out);
  }

  /** Brings positions and actions of a chunk to the backend. */
  private MatrixGame2Chunk step(int chunk, ActionHistory actions) {
    int frames = config.framesPerChunk();
    int startFrame = Math.multiplyExact(chunk, frames);
    int patch = config.dit().patch();
    ActionConfig action = config.dit().action();
    runner.upload(
        RotaryTable.video(
            startFrame,
            frames,
            config.latentHeight() / patch,
            config.latentWidth() / patch,
            config.dit().dim() / config.dit().heads(),
            VIDEO_THETA),
        rotary);
    runner.upload(
        RotaryTable.frames(startFrame, frames, action.rotaryDim(), action.rotaryTheta()),
        actionRotary);
    if (mouseWindows != null) {
      uploadConverted(actions.mouseWindows(startFrame, frames), mouseWindows);
    }
    if (keyboardWindows != null) {
      uploadConverted(actions.keyboardWindows(startFrame, frames), keyboardWindows);
    }
    return new MatrixGame2Chunk(
        startFrame,
        config.tokensPerFrame(),
        rotary,
        new ActionModule.Inputs(mouseWindows, keyboardWindows, actionRotary));
  }

  private void uploadConverted(float[] values, Tensor to) {
    try (Workspace.Frame frame = workspace.frame()) {
      Tensor fp32 = frame.empty(DType.F32, to.shape().extents());
      runner.upload(values, fp32);
      convert.run(fp32, to);
    }
  }

  @Override
  public void visitState(SessionState.Visitor state) {
    state.part("transformer", memory);
  }
}
