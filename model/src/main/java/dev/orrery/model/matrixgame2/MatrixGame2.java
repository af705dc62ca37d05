package dev.orrery.model.matrixgame2;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.model.session.Controls;
import dev.orrery.model.session.MemoryPlan;
import dev.orrery.model.session.NetworkWeights;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.SessionMemory;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.session.WorldSession;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.PlannedTensors;
import dev.orrery.runtime.media.RgbImage;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * Matrix-Game 2.0 (Skywork): an interactive world model that continues an image as video while keys
 * and mouse steer it, three latent frames at a time.
 *
 * <pre>{@code
 * try (Backend backend = CpuBackend.simd(2);
 *     WorldModel model = MatrixGame2.load(Path.of("demo-world"), backend, Progress.NONE);
 *     WorldSession session = model.start(RgbImage.read(Path.of("start.png")), 42, Progress.NONE)) {
 *   Action forward = model.controls().action(Set.of('w'));
 *   VideoFrames frames = session.step(forward);
 * }
 * }</pre>
 */
public final class MatrixGame2 implements WorldModel {
  private final Loaded model;
  private final SessionMemory memory;
  private final ModelFiles files;
  private final TensorArena weights;

  private MatrixGame2(Loaded model, SessionMemory memory, ModelFiles files, TensorArena weights) {
    this.model = model;
    this.memory = memory;
    this.files = files;
    this.weights = weights;
  }

  /** Whether a tensor of the transformer's checkpoint may be quantised. */
  public static boolean isQuantizable(String tensor) {
    return MatrixGame2Transformer.QUANTIZABLE.test(tensor);
  }

  /**
   * Loads a model.
   *
   * @param folder a folder with {@code config.json} and the three checkpoints, or a variant's
   *     folder of the released repository after conversion to safetensors
   * @param backend where the model runs; stays the caller's and must outlive the model
   * @param progress told while weights are brought into memory
   * @throws dev.orrery.runtime.checkpoint.CheckpointException if a file is missing, damaged or of
   *     another model
   * @throws dev.orrery.kernels.backend.MissingKernelException if the backend lacks an operation
   */
  public static MatrixGame2 load(Path folder, Backend backend, Progress progress) {
    ModelFiles files = ModelFiles.open(folder);
    TensorArena weights = backend.newArena();
    try {
      MatrixGame2Config config = MatrixGame2Config.read(files.folder());
      SessionMemory memory = plan(config, files, PlanningBackend.like(backend));
      int megabytes = (int) Math.max(1, files.byteSize() >> 20);
      files.load(bytes -> progress.report("loading weights", (int) (bytes >> 20), megabytes));
      Networks networks =
          Networks.build(config, files.dit(), files.vae(), files.imageEncoder(), backend, weights);
      return new MatrixGame2(new Loaded(config, networks, backend), memory, files, weights);
    } catch (RuntimeException | Error e) {
      weights.close();
      files.close();
      throw e;
    }
  }

  /**
   * The keys that the model of a folder answers to, without loading it.
   *
   * @throws dev.orrery.runtime.checkpoint.CheckpointException if the folder holds no model
   */
  public static Controls controls(Path folder) {
    try (ModelFiles files = ModelFiles.open(folder)) {
      return MatrixGame2Config.read(files.folder()).variant();
    }
  }

  /**
   * What the networks of a model ask of their checkpoints, which need not exist yet.
   *
   * @param folder a model's folder with its configuration
   * @throws dev.orrery.runtime.checkpoint.CheckpointException if there is no configuration, or it
   *     is of no model
   */
  public static List<NetworkWeights> networks(Path folder) {
    Path modelFolder = ModelFiles.modelFolder(folder);
    return Networks.each(MatrixGame2Config.read(modelFolder), modelFolder);
  }

  /**
   * What a model would take, without loading it.
   *
   * @param backend a plan of the backend that it is to run on
   * @throws dev.orrery.runtime.checkpoint.CheckpointException if a file is missing, damaged or of
   *     another model
   */
  public static MemoryPlan plan(Path folder, PlanningBackend backend) {
    try (ModelFiles files = ModelFiles.open(folder)) {
      MatrixGame2Config config = MatrixGame2Config.read(files.folder());
      SessionMemory memory = plan(config, files, backend);
      return memory.plan(describe(config), files.byteSize(), 0);
    }
  }

  private static SessionMemory plan(
      MatrixGame2Config config, ModelFiles files, PlanningBackend backend) {
    try {
      return MatrixGame2Memory.plan(
          config,
          PlannedTensors.like(files.dit()),
          PlannedTensors.like(files.vae()),
          PlannedTensors.like(files.imageEncoder()),
          backend);
    } catch (IllegalArgumentException | ArithmeticException | NegativeArraySizeException e) {
      // All weights fit the settings or are refused by name; what is left are sizes beyond reason.
      throw new CheckpointException(
          files.folder().toString(),
          "the settings give no model that can run: " + e.getMessage(),
          e);
    }
  }

  private static String describe(MatrixGame2Config config) {
    return String.format(
        Locale.ROOT,
        "Matrix-Game 2.0 %s, %dx%d, %d denoising steps",
        config.variant().id(),
        config.width(),
        config.height(),
        config.denoisingSteps().size());
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
    return 25;
  }

  @Override
  public Controls controls() {
    return model.config().variant();
  }

  @Override
  public int framesOfChunk(int block) {
    return model.config().framesOfChunk(block);
  }

  @Override
  public WorldSession start(RgbImage image, long seed, Progress progress) {
    return MatrixGame2Session.start(model, memory, image, seed, progress);
  }

  @Override
  public void close() {
    weights.close();
    files.close();
  }
}
