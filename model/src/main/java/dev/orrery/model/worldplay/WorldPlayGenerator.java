package dev.orrery.model.worldplay;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.position.RotaryTable;
import dev.orrery.kernels.sampling.LinearCombination;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.camera.Camera;
import dev.orrery.model.camera.CameraPath;
import dev.orrery.model.sampling.PassRunner;
import dev.orrery.model.session.GeneratedChunk;
import dev.orrery.model.session.SessionResources;
import dev.orrery.model.session.StepListener;
import dev.orrery.runtime.memory.RowHistory;
import dev.orrery.runtime.memory.SessionState;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

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
final class WorldPlayGenerator implements SessionState.Part, AutoCloseable {
  /** Latent frames that are made together. */
  static final int FRAMES = MemoryRetrieval.CHUNK_FRAMES;

  /** The distilled schedule; a sigma is a thousandth of its timestep, and 0 follows the last. */
  private static final float[] TIMESTEPS = {1000, 960, 888.8889f, 727.2728f};

  /** Denoising steps of a chunk. */
  static final int STEPS = TIMESTEPS.length;

  private static final double TIMESTEPS_PER_SIGMA = 1000;

  /** What remembered frames and the image are labelled with, although no noise was added. */
  private static final float CONTEXT_TIMESTEP = 14;

  private static final int LONGEST_MEMORY = MemoryRetrieval.TEMPORAL_FRAMES + FRAMES;
  private static final double ROTARY_THETA = 10000;
  private static final int MATRIX = 16;

  private final WorldPlayTransformerConfig config;
  private final WorldPlayTransformer transformer;
  private final Backend backend;
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
  private final Tensor imageFromWorld;
  private final Tensor worldFromImage;
  private final LinearCombination combination;

  /** Clean latents of all chunks so far: any of them may be remembered again. */
  private final RowHistory history;

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
    backend = resources.backend();
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
    imageFromWorld = arena.empty(DType.F32, window, 4, 4);
    worldFromImage = arena.empty(DType.F32, window, 4, 4);
    history = RowHistory.of(x);
    combination = backend.kernel(LinearCombination.class);
  }

  /** A tensor like those that are decoded. */
  Tensor latents() {
    return x;
  }

  /** Bytes of a chunk's latents, as they are remembered. */
  static long chunkBytes(WorldPlayConfig model) {
    long values = (long) model.latentHeight() * model.latentWidth() * model.dit().channels();
    return FRAMES * values * Float.BYTES;
  }

  /**
   * Generates the next chunk. Until it is completed it can be generated again.
   *
   * @param path of the session's camera, the chunk's frames included
   * @return clean latents {@code [F, h, w, channels]}; they are remembered when they are completed
   */
  GeneratedChunk generate(PlayedPath path, StepListener listener, Trace trace) {
    int first = history.size() * FRAMES;
    ContextWindow window = retrieval.select(path.cameras(), first);
    Stream<Integer> frames =
        Stream.concat(window.memory().stream(), IntStream.range(first, first + FRAMES).boxed());
    uploadCameras(frames.map(path.cameras()::get).toList());
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
    offer();
    return new GeneratedChunk(x, history::keep);
  }

  /** Leaves the remembered frames' keys and values in the window. */
  private void remember(ContextWindow window, PlayedPath path, Trace trace) {
    int frames = window.memory().size();
    int frameValues = (int) (x.elements() / FRAMES);
    float[] values = new float[frames * frameValues];
    float[] classes = new float[frames];
    for (int i = 0; i < frames; i++) {
      int frame = window.memory().get(i);
      history.read(
          frame / FRAMES, frame % FRAMES * frameValues, values, i * frameValues, frameValues);
      classes[i] = path.label(frame);
    }
    float[] times = new float[frames];
    Arrays.fill(times, CONTEXT_TIMESTEP);
    runner.upload(values, remembered.slice(0, frames));
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
            imageFromWorld.slice(firstSlot, firstSlot + frames),
            worldFromImage.slice(0, firstSlot + frames));
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

  /** Brings the projections of a window's frames to the backend. */
  private void uploadCameras(List<Camera> cameras) {
    float[] to = new float[cameras.size() * MATRIX];
    float[] from = new float[cameras.size() * MATRIX];
    for (int i = 0; i < cameras.size(); i++) {
      System.arraycopy(cameras.get(i).imageFromWorld(), 0, to, i * MATRIX, MATRIX);
      System.arraycopy(cameras.get(i).worldFromImage(), 0, from, i * MATRIX, MATRIX);
    }
    runner.upload(to, imageFromWorld.slice(0, cameras.size()));
    runner.upload(from, worldFromImage.slice(0, cameras.size()));
  }

  /** Writes down the chunk's latents for later chunks, while it can still be made again. */
  private void offer() {
    float[] values = new float[(int) x.elements()];
    backend.copy(x, Tensor.of(values, x.shape().extents()));
    history.offer(values);
  }

  @Override
  public void visitState(SessionState.Visitor state) {
    int chunks = (int) state.number("chunks", history.size(), CameraPath.MAX_FRAMES / FRAMES);
    history.visitState(state, "latents", chunks);
  }

  /** Forgets the chunks. */
  @Override
  public void close() {
    history.close();
  }
}
