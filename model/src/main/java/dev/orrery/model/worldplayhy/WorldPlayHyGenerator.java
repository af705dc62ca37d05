package dev.orrery.model.worldplayhy;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.sampling.LinearCombination;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.sampling.PassRunner;
import dev.orrery.model.session.GeneratedChunk;
import dev.orrery.model.session.SessionResources;
import dev.orrery.model.session.StepListener;
import dev.orrery.model.worldplay.ContextWindow;
import dev.orrery.model.worldplay.LatentHistory;
import dev.orrery.model.worldplay.MemoryRetrieval;
import dev.orrery.model.worldplay.PlayedPath;
import dev.orrery.model.worldplay.WindowCameras;
import dev.orrery.model.worldplay.WorldPlayLoop;
import dev.orrery.runtime.memory.SessionState;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The loop of one session: noise becomes the clean latents of a chunk in some passes of the
 * transformer, after one that fills its memory with the frames that the cameras ask for.
 *
 * <pre>
 * DiT(remembered latents, t = 14)     memory only
 * x = noise
 * for each timestep t:  x = x + (sigma of the next - sigma of t) v
 *   v = DiT(x, t); with guidance v = n + guidance (DiT(x, t) - n), n of the negative prompt
 * </pre>
 *
 * <p>The picture is no part of x: it goes in beside it, as the condition of the very first frame.
 *
 * <p>Source: the autoregressive loop of HY-WorldPlay's HunyuanVideo pipeline.
 */
final class WorldPlayHyGenerator implements WorldPlayLoop {
  /** Latent frames that are made together. */
  static final int FRAMES = MemoryRetrieval.CHUNK_FRAMES;

  /** Latent frames at the beginning that are always remembered. */
  static final int BEGINNING = MemoryRetrieval.CHUNK_FRAMES;

  /** What remembered frames are labelled with, although no noise was added. */
  private static final float CONTEXT_TIMESTEP = 14;

  private static final int LONGEST_MEMORY = MemoryRetrieval.longest(BEGINNING);
  private static final int WINDOW = LONGEST_MEMORY + FRAMES;

  private final WorldPlayHyTransformer transformer;
  private final WorldPlayHySampler sampler;
  private final PassRunner runner;
  private final WorldPlayHyCondition condition;
  private final MemoryRetrieval retrieval;
  private final Workspace workspace;
  private final int tokensPerFrame;

  /** That of the prompt; in models with guidance that of the negative prompt, too. */
  private final List<Side> sides = new ArrayList<>();

  private final Tensor remembered;
  private final Tensor x;

  /** The picture and its mask in the first frame, zeros in all others. */
  private final Tensor pictures;

  private final Tensor timesteps;
  private final Tensor actions;
  private final Tensor rotary;
  private final WindowCameras cameras;
  private final LatentHistory history;
  private final LinearCombination combination;

  /**
   * What is asked of the transformer.
   *
   * @param name in traces; empty for that of the prompt
   * @param prompt what a prompt says
   * @param memory of the remembered frames, which depends on the prompt
   * @param velocity the answer, {@code [F, h, w, channels]}
   */
  private record Side(String name, TextMemory prompt, ContextMemory memory, Tensor velocity) {
    Trace in(Trace trace) {
      return name.isEmpty() ? trace : trace.at(name);
    }
  }

  /**
   * A loop at chunk 0.
   *
   * @param retrieval which earlier frames the transformer sees
   * @param resources owner of the session's tensors
   */
  WorldPlayHyGenerator(
      WorldPlayHyConfig model,
      WorldPlayHyTransformer transformer,
      WorldPlayHyCondition condition,
      MemoryRetrieval retrieval,
      SessionResources resources) {
    this.transformer = transformer;
    this.condition = condition;
    this.retrieval = retrieval;
    sampler = model.sampler();
    Backend backend = resources.backend();
    runner = new PassRunner(backend, resources.noise());
    workspace = resources.passes();
    TensorArena arena = resources.arena();
    int rows = model.latentHeight();
    int columns = model.latentWidth();
    int channels = model.dit().channels();
    tokensPerFrame = rows * columns;
    remembered = arena.empty(DType.F32, LONGEST_MEMORY, rows, columns, channels);
    x = arena.empty(DType.F32, FRAMES, rows, columns, channels);
    pictures = arena.empty(DType.F32, LONGEST_MEMORY, rows, columns, channels + 1L);
    timesteps = arena.empty(DType.F32, LONGEST_MEMORY);
    actions = arena.empty(DType.F32, LONGEST_MEMORY);
    rotary = arena.empty(DType.F32, (long) WINDOW * tokensPerFrame, model.dit().headDim() / 2, 2);
    runner.upload(transformer.rotary(WINDOW, rows, columns), rotary);
    cameras = new WindowCameras(WINDOW, runner, arena);
    history = new LatentHistory(backend, x);
    combination = backend.kernel(LinearCombination.class);
    sides.add(side("", condition.prompt(), arena));
    condition.negative().ifPresent(prompt -> sides.add(side("negative", prompt, arena)));
  }

  private Side side(String name, TextMemory prompt, TensorArena arena) {
    long tokens = (long) LONGEST_MEMORY * tokensPerFrame;
    return new Side(
        name,
        prompt,
        transformer.newContextMemory(tokens, arena),
        arena.empty(DType.F32, x.shape().extents()));
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
    uploadPicture();
    if (!window.memory().isEmpty()) {
      remember(window, path, trace.at("memory"));
    }
    runner.draw(first / FRAMES, x);
    denoise(window, path, listener, trace);
    listener.beforeStep(sampler.steps(), sampler.steps());
    history.offer(x);
    return new GeneratedChunk(x, history::keep);
  }

  private void uploadPicture() {
    int channels = x.size(3);
    float[] values = new float[tokensPerFrame * (channels + 1)];
    condition(condition.image(), channels, values);
    runner.upload(values, pictures.slice(0, 1));
  }

  /**
   * What goes in beside the very first frame.
   *
   * @param image its latent, {@code [h, w, channels]}
   * @param out begins with {@code [h, w, channels + 1]}, the latent and a mask of ones
   */
  static void condition(float[] image, int channels, float[] out) {
    for (int token = 0; token < image.length / channels; token++) {
      int at = token * (channels + 1);
      System.arraycopy(image, token * channels, out, at, channels);
      out[at + channels] = 1;
    }
  }

  /** What goes in beside some frames: the picture, if they begin with the very first frame. */
  private Tensor picturesOf(int firstFrame, int count) {
    int from = firstFrame == 0 ? 0 : 1;
    return pictures.slice(from, from + count);
  }

  /** Leaves the remembered frames' keys and values in the memory. */
  private void remember(ContextWindow window, PlayedPath path, Trace trace) {
    List<Integer> frames = window.memory();
    float[] classes = new float[frames.size()];
    for (int i = 0; i < classes.length; i++) {
      classes[i] = path.label(frames.get(i));
    }
    Tensor latents = remembered.slice(0, frames.size());
    runner.upload(history.read(frames), latents);
    upload(CONTEXT_TIMESTEP, classes);
    Tensor beside = picturesOf(frames.getFirst(), frames.size());
    for (Side side : sides) {
      forward(latents, beside, 0, side, null, side.in(trace));
    }
  }

  private void denoise(ContextWindow window, PlayedPath path, StepListener listener, Trace trace) {
    float[] classes = new float[FRAMES];
    for (int f = 0; f < FRAMES; f++) {
      classes[f] = path.label(window.firstFrame() + f);
    }
    Tensor beside = picturesOf(window.firstFrame(), FRAMES);
    float[] sigmas = sampler.sigmas();
    for (int i = 0; i < sampler.steps(); i++) {
      listener.beforeStep(i, sampler.steps());
      upload(sampler.timesteps()[i], classes);
      for (Side side : sides) {
        Trace step = side.in(trace.at("step" + i));
        forward(x, beside, window.firstChunkSlot(), side, side.velocity(), step);
        step.tap("velocity", side.velocity());
      }
      Tensor velocity = sides.getFirst().velocity();
      if (sampler.guided()) {
        double guidance = sampler.guidance();
        combination.run(guidance, velocity, 1 - guidance, sides.getLast().velocity(), velocity);
      }
      combination.run(1, x, (double) sigmas[i + 1] - sigmas[i], velocity, x);
    }
  }

  /** Brings what the frames of a pass are labelled with to the backend. */
  private void upload(float timestep, float[] classes) {
    float[] times = new float[classes.length];
    Arrays.fill(times, timestep);
    runner.upload(times, timesteps.slice(0, times.length));
    runner.upload(classes, actions.slice(0, classes.length));
  }

  private void forward(
      Tensor latents, Tensor beside, int firstSlot, Side side, Tensor out, Trace trace) {
    int frames = latents.size(0);
    int slots = firstSlot + frames;
    SeenFrames seen =
        new SeenFrames(
            firstSlot * tokensPerFrame,
            rotary.slice(0, (long) slots * tokensPerFrame),
            cameras.imageFromWorld(firstSlot, frames),
            cameras.worldFromImage(slots));
    WorldPlayHyTransformer.Frames input =
        new WorldPlayHyTransformer.Frames(
            latents, beside, timesteps.slice(0, frames), actions.slice(0, frames));
    runner.run(
        () -> transformer.forward(input, seen, side.prompt(), side.memory(), workspace, out, trace),
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
