package dev.orrery.model.worldplay;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.position.RotaryTable;
import dev.orrery.kernels.sampling.VelocityToClean;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.camera.Camera;
import dev.orrery.model.camera.CameraPath;
import dev.orrery.model.session.BeforePass;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

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
final class ChunkGenerator {
  /** Latent frames that are made together. */
  static final int FRAMES = ContextSelection.CHUNK_FRAMES;

  /** The distilled schedule; a sigma is a thousandth of its timestep, and 0 follows the last. */
  private static final float[] TIMESTEPS = {1000, 960, 888.8889f, 727.2728f};

  /** Denoising steps of a chunk. */
  static final int STEPS = TIMESTEPS.length;

  private static final double TIMESTEPS_PER_SIGMA = 1000;

  /** What remembered frames and the image are labelled with, although no noise was added. */
  private static final float CONTEXT_TIMESTEP = 14;

  private static final int LONGEST_MEMORY = ContextSelection.TEMPORAL_FRAMES + FRAMES;
  private static final double ROTARY_THETA = 10000;
  private static final int MATRIX = 16;

  private final WorldPlayTransformerConfig config;
  private final WorldPlayTransformer dit;
  private final Backend backend;
  private final ContextSelection selection;
  private final NoiseSource noise;
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
  private final VelocityToClean velocityToClean;

  /** Clean latents of all frames so far, on the host: any of them may be remembered again. */
  private final List<float[]> history = new ArrayList<>();

  /** The image's latent, which is the first frame as it stands; null without an image. */
  private final float[] picture;

  /** Where the noise of chunks comes from. */
  @FunctionalInterface
  interface NoiseSource {
    /**
     * Draws the noise of a chunk.
     *
     * @param out {@code [F, h, w, channels]}
     */
    void fill(int chunk, float[] out);
  }

  /**
   * A loop at chunk 0.
   *
   * @param rows rows of a latent frame, a multiple of the patch
   * @param columns columns of a latent frame
   * @param textContext see {@link WorldPlayTransformer#textContext}
   * @param picture the latent of frame 0, {@code [h, w, channels]}, or null to make it up
   * @param arena owner of the session's tensors
   */
  ChunkGenerator(
      WorldPlayTransformer dit,
      WorldPlayTransformerConfig config,
      Backend backend,
      int rows,
      int columns,
      Tensor textContext,
      float[] picture,
      ContextSelection selection,
      NoiseSource noise,
      TensorArena arena,
      Workspace workspace) {
    this.dit = dit;
    this.config = config;
    this.backend = backend;
    this.picture = picture;
    this.selection = selection;
    this.noise = noise;
    this.workspace = workspace;
    tokenRows = rows / config.patch();
    tokenColumns = columns / config.patch();
    int window = LONGEST_MEMORY + FRAMES;
    int tokensPerFrame = tokenRows * tokenColumns;
    memory = dit.newKvState(textContext, window * tokensPerFrame, workspace, arena);
    remembered = arena.empty(DType.F32, LONGEST_MEMORY, rows, columns, config.channels());
    x = arena.empty(DType.F32, FRAMES, rows, columns, config.channels());
    velocity = arena.empty(DType.F32, FRAMES, rows, columns, config.channels());
    timesteps = arena.empty(DType.F32, LONGEST_MEMORY);
    actions = arena.empty(DType.F32, LONGEST_MEMORY);
    rotary =
        arena.empty(DType.F32, (long) LONGEST_MEMORY * tokensPerFrame, config.headDim() / 2, 2);
    imageFromWorld = arena.empty(DType.F32, window, 4, 4);
    worldFromImage = arena.empty(DType.F32, window, 4, 4);
    velocityToClean = backend.kernel(VelocityToClean.class);
  }

  /** Passes of the transformer over one chunk, without the one that fills the memory. */
  int passes() {
    return STEPS;
  }

  /**
   * Generates the next chunk. A chunk that was ended early can be generated again.
   *
   * @param path cameras of the session, the chunk's included
   * @param labels action classes of the frames of the path
   * @return clean latents {@code [F, h, w, channels]}, valid until the next call
   */
  Tensor generate(CameraPath path, int[] labels, BeforePass before, Trace trace) {
    int first = history.size();
    ContextWindow window = selection.select(path, first);
    List<Camera> cameras = new ArrayList<>();
    window.memory().forEach(frame -> cameras.add(path.at(frame)));
    for (int f = first; f < first + FRAMES; f++) {
      cameras.add(path.at(f));
    }
    uploadCameras(cameras);
    if (!window.memory().isEmpty()) {
      remember(window, labels, trace);
    }
    float[] start = new float[(int) x.elements()];
    noise.fill(first / FRAMES, start);
    boolean keepsFirst = first == 0 && picture != null;
    if (keepsFirst) {
      System.arraycopy(picture, 0, start, 0, picture.length);
    }
    upload(start, x);
    denoise(window, labels, keepsFirst, before, trace);
    before.pass(passes(), passes());
    keep();
    return x;
  }

  /** Leaves the remembered frames' keys and values in the window. */
  private void remember(ContextWindow window, int[] labels, Trace trace) {
    int frames = window.memory().size();
    int frameValues = (int) (x.elements() / FRAMES);
    float[] values = new float[frames * frameValues];
    float[] classes = new float[frames];
    for (int i = 0; i < frames; i++) {
      int frame = window.memory().get(i);
      System.arraycopy(history.get(frame), 0, values, i * frameValues, frameValues);
      classes[i] = labels[frame];
    }
    float[] times = new float[frames];
    Arrays.fill(times, CONTEXT_TIMESTEP);
    upload(values, remembered.slice(0, frames));
    forward(remembered.slice(0, frames), times, classes, 0, null, trace.at("memory"));
  }

  private void denoise(
      ContextWindow window, int[] labels, boolean keepsFirst, BeforePass before, Trace trace) {
    float[] classes = new float[FRAMES];
    for (int f = 0; f < FRAMES; f++) {
      classes[f] = labels[window.firstFrame() + f];
    }
    int changed = keepsFirst ? 1 : 0;
    for (int i = 0; i < STEPS; i++) {
      before.pass(i, STEPS);
      float[] times = new float[FRAMES];
      Arrays.fill(times, TIMESTEPS[i]);
      if (keepsFirst) {
        times[0] = CONTEXT_TIMESTEP;
      }
      Trace step = trace.at("step" + i);
      forward(x, times, classes, window.firstChunkSlot(), velocity, step);
      step.tap("flow", velocity);
      double next = i + 1 < STEPS ? TIMESTEPS[i + 1] : 0;
      double sigma = (TIMESTEPS[i] - next) / TIMESTEPS_PER_SIGMA;
      Tensor part = x.slice(changed, FRAMES);
      velocityToClean.run(part, velocity.slice(changed, FRAMES), sigma, part);
    }
  }

  private void forward(
      Tensor latents, float[] times, float[] classes, int firstSlot, Tensor out, Trace trace) {
    int frames = latents.size(0);
    int tokensPerFrame = tokenRows * tokenColumns;
    upload(times, timesteps.slice(0, frames));
    upload(classes, actions.slice(0, frames));
    Tensor table = rotary.slice(0, (long) frames * tokensPerFrame);
    upload(
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
    Runnable pass =
        () ->
            dit.forward(
                latents,
                timesteps.slice(0, frames),
                actions.slice(0, frames),
                step,
                memory,
                workspace,
                out,
                trace);
    if (trace == Trace.NONE) {
      backend.batch(pass);
    } else {
      // A trace looks at every activation, which a batch does not allow.
      pass.run();
    }
  }

  /** Brings the projections of a window's frames to the backend. */
  private void uploadCameras(List<Camera> cameras) {
    float[] to = new float[cameras.size() * MATRIX];
    float[] from = new float[cameras.size() * MATRIX];
    for (int i = 0; i < cameras.size(); i++) {
      System.arraycopy(cameras.get(i).imageFromWorld(), 0, to, i * MATRIX, MATRIX);
      System.arraycopy(cameras.get(i).worldFromImage(), 0, from, i * MATRIX, MATRIX);
    }
    upload(to, imageFromWorld.slice(0, cameras.size()));
    upload(from, worldFromImage.slice(0, cameras.size()));
  }

  /** Notes the chunk's latents for later chunks. */
  private void keep() {
    float[] values = new float[(int) x.elements()];
    backend.copy(x, Tensor.of(values, x.shape().extents()));
    int frameValues = values.length / FRAMES;
    for (int f = 0; f < FRAMES; f++) {
      history.add(Arrays.copyOfRange(values, f * frameValues, (f + 1) * frameValues));
    }
  }

  private void upload(float[] values, Tensor to) {
    backend.copy(Tensor.of(values, to.shape().extents()), to);
  }
}
