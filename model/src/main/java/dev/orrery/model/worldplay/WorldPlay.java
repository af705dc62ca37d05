package dev.orrery.model.worldplay;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.model.session.MemoryPlan;
import dev.orrery.model.session.NetworkWeights;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.SessionMemory;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.umt5.EncodedPrompt;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.PlannedTensors;
import dev.orrery.runtime.media.RgbImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * WorldPlay-5B (Tencent): an interactive world model that makes a prompt, or an image and a prompt,
 * a world that a camera moves through, four latent frames at a time.
 *
 * <pre>{@code
 * Path folder = Path.of("worldplay-5b");
 * EncodedPrompt prompt = WorldPlay.encodePrompt(folder, "A castle by a lake", backend, progress);
 * try (WorldPlay model = WorldPlay.load(folder, backend, progress);
 *     WorldPlaySession session = model.start(null, prompt, 42, progress)) {
 *   CameraPath path = CameraMotion.path(PoseString.parse("w-12, right-30"));
 *   session.rollout(model.controls().along(path), model.controls().frames(path), progress, sink);
 * }
 * }</pre>
 */
public final class WorldPlay implements WorldModel {
  private static final CameraControls CONTROLS = new CameraControls();

  private final Loaded model;
  private final SessionMemory memory;
  private final ModelFiles files;
  private final TensorArena weights;

  private WorldPlay(Loaded model, SessionMemory memory, ModelFiles files, TensorArena weights) {
    this.model = model;
    this.memory = memory;
    this.files = files;
    this.weights = weights;
  }

  /** Whether a tensor of the transformer's checkpoint may be quantised. */
  public static boolean isQuantizable(String tensor) {
    return WorldPlayTransformer.QUANTIZABLE.test(tensor);
  }

  /**
   * Whether a folder says that it holds a model of this family.
   *
   * @throws CheckpointException if its {@code config.json} cannot be read
   */
  public static boolean isModel(Path folder) {
    return ModelFiles.isModel(folder);
  }

  /**
   * Loads a model, without its text encoder.
   *
   * @param folder {@code config.json} with {@code transformer}, {@code vae} and, if prompts are to
   *     be encoded, {@code text_encoder} and {@code tokenizer}, as the released repositories name
   *     them
   * @param backend where the model runs; stays the caller's and must outlive the model
   * @param progress told while weights are brought into memory
   * @throws CheckpointException if a file is missing, damaged or of another model
   * @throws dev.orrery.kernels.backend.MissingKernelException if the backend lacks an operation
   */
  public static WorldPlay load(Path folder, Backend backend, Progress progress) {
    ModelFiles files = ModelFiles.open(folder);
    TensorArena weights = backend.newArena();
    try {
      SessionMemory memory = plan(files, PlanningBackend.like(backend));
      int megabytes = (int) Math.max(1, files.byteSize() >> 20);
      files.load(bytes -> progress.report("loading weights", (int) (bytes >> 20), megabytes));
      Networks networks =
          Networks.build(files.config(), files.dit(), files.vae(), backend, weights);
      return new WorldPlay(new Loaded(files.config(), networks, backend), memory, files, weights);
    } catch (RuntimeException | Error e) {
      weights.close();
      files.close();
      throw e;
    }
  }

  /**
   * The keys that the model of a folder answers to, without loading it.
   *
   * @throws CheckpointException if the folder holds no model
   */
  public static CameraControls controls(Path folder) {
    ModelFiles.config(folder);
    return CONTROLS;
  }

  /**
   * What the networks of a model ask of their checkpoints, which need not exist yet; the text
   * encoder is among them if its folder is there.
   *
   * @param folder a model's folder with its configurations
   * @throws CheckpointException if they are missing or of no model
   */
  public static List<NetworkWeights> networks(Path folder) {
    List<NetworkWeights> networks =
        new ArrayList<>(Networks.each(ModelFiles.config(folder), folder));
    if (TextEncoder.exists(folder)) {
      networks.add(TextEncoder.network(folder));
    }
    return networks;
  }

  /**
   * What a model would take, without loading it.
   *
   * @param backend a plan of the backend that it is to run on
   * @throws CheckpointException if a file is missing, damaged or of another model
   */
  public static MemoryPlan plan(Path folder, PlanningBackend backend) {
    try (ModelFiles files = ModelFiles.open(folder)) {
      long encoder = TextEncoder.exists(folder) ? TextEncoder.plannedBytes(folder, backend) : 0;
      return plan(files, backend).plan(describe(files.config()), files.byteSize(), encoder);
    }
  }

  private static SessionMemory plan(ModelFiles files, PlanningBackend backend) {
    try {
      return WorldPlayMemory.plan(
          files.config(),
          PlannedTensors.like(files.dit()),
          PlannedTensors.like(files.vae()),
          backend);
    } catch (IllegalArgumentException | ArithmeticException | NegativeArraySizeException e) {
      // All weights fit the settings or are refused by name; what is left are sizes beyond reason.
      throw new CheckpointException(
          files.folder().toString(),
          "the settings give no model that can run: " + e.getMessage(),
          e);
    }
  }

  private static String describe(WorldPlayConfig config) {
    return String.format(
        Locale.ROOT,
        "WorldPlay-5B, %dx%d, %d denoising steps",
        config.width(),
        config.height(),
        ChunkGenerator.STEPS);
  }

  /**
   * Encodes a prompt with the text encoder of a model's folder, which is in memory only meanwhile.
   * Done before the model is loaded, the two never need memory at once.
   *
   * @param prompt describes the world; what exceeds the limit is dropped, with a warning in the
   *     result
   * @throws CheckpointException if there is no text encoder, or a file is missing or invalid
   */
  public static EncodedPrompt encodePrompt(
      Path folder, String prompt, Backend backend, Progress progress) {
    ModelFiles.config(folder);
    if (!TextEncoder.exists(folder)) {
      throw new CheckpointException(
          folder.toString(), "expected text_encoder to encode the prompt with, found none");
    }
    return TextEncoder.encode(folder, prompt, backend, progress);
  }

  /**
   * Reads a prompt that was encoded before.
   *
   * @param file see {@link EncodedPrompt#save}
   * @throws CheckpointException if the file is no encoded prompt, or not one of this model's
   *     encoder
   */
  public static EncodedPrompt readPrompt(Path folder, Path file) {
    EncodedPrompt prompt = EncodedPrompt.load(file);
    if (TextEncoder.exists(folder)) {
      TextEncoder.check(folder, prompt, file);
    }
    int expected = ModelFiles.config(folder).dit().textDim();
    int found = prompt.features().size(1);
    if (found != expected) {
      throw new CheckpointException(
          file.toString(), "expected features of " + expected + " channels, found " + found);
    }
    return prompt;
  }

  /**
   * Reads the encoded prompt that lies in a model's folder.
   *
   * @throws CheckpointException if there is none, or it cannot be used
   */
  public static EncodedPrompt storedPrompt(Path folder) {
    Path file =
        ModelFiles.prompt(folder)
            .orElseThrow(
                () -> new CheckpointException(folder.toString(), "expected a prompt, found none"));
    return readPrompt(folder, file);
  }

  @Override
  public String description() {
    return describe(model.config());
  }

  @Override
  public int width() {
    return model.config().width();
  }

  @Override
  public int height() {
    return model.config().height();
  }

  @Override
  public int framesPerSecond() {
    return 16;
  }

  @Override
  public CameraControls controls() {
    return CONTROLS;
  }

  @Override
  public int framesOfChunk(int block) {
    return WorldPlayConfig.framesOfChunk(block);
  }

  /**
   * {@inheritDoc}
   *
   * @throws CheckpointException if the model's folder has no {@code prompt.safetensors} to go with
   *     the image
   */
  @Override
  public WorldPlaySession start(RgbImage image, long seed, Progress progress) {
    return start(image, storedPrompt(files.folder()), seed, progress);
  }

  /**
   * Starts a world.
   *
   * @param image an image of any size to start from, or null to make the world up from the prompt
   * @param prompt describes the world
   * @param seed the same seed, image, prompt and actions give the same bytes
   * @param progress told about the encoding of the image
   */
  public WorldPlaySession start(
      RgbImage image, EncodedPrompt prompt, long seed, Progress progress) {
    return WorldPlaySession.start(model, memory, image, prompt, seed, progress);
  }

  @Override
  public void close() {
    weights.close();
    files.close();
  }
}
