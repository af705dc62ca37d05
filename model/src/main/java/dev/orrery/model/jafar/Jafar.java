package dev.orrery.model.jafar;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.image.ResizeFilter;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.family.CheckpointModel;
import dev.orrery.model.family.ModelFamily;
import dev.orrery.model.family.ModelFolder;
import dev.orrery.model.family.NetworkBuilder;
import dev.orrery.model.family.NetworkWeights;
import dev.orrery.model.family.ReleasedFamily;
import dev.orrery.model.family.VideoShape;
import dev.orrery.model.family.WeightFiles;
import dev.orrery.model.session.ActionSpace;
import dev.orrery.model.session.ImageResizer;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.SessionResources;
import dev.orrery.model.session.Start;
import dev.orrery.model.session.StartRequirements;
import dev.orrery.model.session.StartResources;
import dev.orrery.runtime.checkpoint.Weights;
import dev.orrery.runtime.media.RgbImage;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Genie as jafar (FLAIR) built it: frames are tokens, and a person chooses one of a few latent
 * actions for each.
 */
public final class Jafar extends CheckpointModel<JafarNetworks, JafarStart> {
  /** The family. Of jafar no weights were released. */
  public static final ModelFamily FAMILY =
      new ReleasedFamily(
          JafarConfig.FAMILY,
          JafarConfig::isModel,
          Jafar::open,
          tensor -> false,
          Optional.empty(),
          scale -> scale.resources(Jafar.class, List.of(JafarConfig.FILE)));

  private static final int FRAMES_PER_SECOND = 10;

  private final JafarConfig config;
  private final NetworkWeights<JafarNetworks> networks;

  private Jafar(Path folder, JafarConfig config) {
    super(folder);
    this.config = config;
    networks =
        NetworkWeights.transformer(
            "model",
            WeightFiles.of("model", folder, "jafar"),
            Jafar::withoutTraining,
            p -> new JafarNetworks(p, config));
  }

  /**
   * Reads the configuration of a model.
   *
   * @param folder a folder with {@code config.json} and {@code jafar.safetensors}
   * @throws dev.orrery.runtime.checkpoint.CheckpointException if there is no configuration, or it
   *     is of no model
   */
  public static Jafar open(Path folder) {
    return new Jafar(folder, JafarConfig.read(folder));
  }

  /** The latent action model labels videos; to play, only its codes are needed. */
  private static Weights withoutTraining(Weights weights) {
    for (String part : List.of("encoder", "decoder", "action_in", "patch_up", "action_up")) {
      weights.ignore("lam." + part, "labels videos for training");
    }
    return weights;
  }

  @Override
  protected String family() {
    return JafarConfig.FAMILY;
  }

  @Override
  public ActionSpace actionSpace() {
    return JafarActionSpace.of(config.actions());
  }

  @Override
  public StartRequirements startRequirements() {
    return StartRequirements.of(config.width(), config.height()).withImages(1, config.frames() - 1);
  }

  @Override
  public int steps() {
    return config.sampling().steps();
  }

  @Override
  public ModelFolder withSteps(int steps) {
    return new Jafar(folder(), config.withSteps(steps));
  }

  @Override
  protected List<NetworkWeights<?>> sessionNetworks() {
    return List.of(networks);
  }

  @Override
  protected JafarNetworks build(NetworkBuilder builder) {
    return builder.build(networks);
  }

  @Override
  public String description() {
    return String.format(
        Locale.ROOT,
        "Genie (jafar), %dx%d, %d latent actions of unknown meaning, %d steps, a window of %d frames%s",
        config.width(),
        config.height(),
        config.actions(),
        config.sampling().steps(),
        config.frames(),
        config.retokenise() ? ", tokens taken from pixels again" : "");
  }

  @Override
  public VideoShape video() {
    return new VideoShape(config.width(), config.height(), FRAMES_PER_SECOND);
  }

  @Override
  public int framesOfChunk(int chunk) {
    return 1;
  }

  @Override
  protected JafarStart newCondition(JafarNetworks built, Backend backend, TensorArena arena) {
    return new JafarStart(config, arena);
  }

  @Override
  protected void encode(
      JafarNetworks built,
      Start start,
      JafarStart condition,
      StartResources resources,
      Progress progress) {
    List<Tensor> images =
        start.images().stream().map(image -> pixels(image, resources.backend())).toList();
    condition.encode(images, built.tokenizer(), resources, progress);
  }

  /** The middle of an image in the size of the video, {@code [Y, X, 3]} in [0, 1], on the host. */
  private Tensor pixels(RgbImage image, Backend backend) {
    int height = config.height();
    int width = config.width();
    RgbImage cropped = ImageResizer.crop(image, height, width);
    byte[] rgb = ImageResizer.resize(cropped, height, width, ResizeFilter.BILINEAR, backend).rgb();
    float[] values = new float[rgb.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (rgb[i] & 0xff) / 255f;
    }
    return Tensor.of(values, height, width, 3);
  }

  @Override
  protected JafarSession newSession(
      JafarNetworks built, JafarStart condition, SessionResources resources) {
    return new JafarSession(config, built, condition, resources);
  }

  /** With as many images as there may be, the window is full from the first frame on. */
  @Override
  protected Start plannedStart() {
    int height = config.height();
    int width = config.width();
    RgbImage image = new RgbImage(width, height, new byte[3 * height * width]);
    return Start.of(Collections.nCopies(config.frames() - 1, image), 0);
  }

  @Override
  protected int plannedChunks() {
    return 1;
  }
}
