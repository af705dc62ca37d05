package dev.orrery.model.oasis;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.model.family.CheckpointModel;
import dev.orrery.model.family.ModelFamily;
import dev.orrery.model.family.ModelFolder;
import dev.orrery.model.family.NetworkBuilder;
import dev.orrery.model.family.NetworkWeights;
import dev.orrery.model.family.ReleasedFamily;
import dev.orrery.model.family.VideoShape;
import dev.orrery.model.family.WeightFiles;
import dev.orrery.model.session.ActionSpace;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.SessionResources;
import dev.orrery.model.session.Start;
import dev.orrery.model.session.StartRequirements;
import dev.orrery.model.session.StartResources;
import dev.orrery.runtime.media.RgbImage;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Oasis 500M (Decart and Etched): a world like Minecraft, made frame by frame from keyboard and
 * mouse.
 */
public final class Oasis extends CheckpointModel<OasisNetworks, OasisStart> {
  /** The family. */
  public static final ModelFamily FAMILY =
      new ReleasedFamily(
          OasisConfig.FAMILY,
          OasisConfig::isModel,
          Oasis::open,
          OasisTransformer.QUANTIZABLE,
          Optional.of(new OasisRecipe()),
          scale -> scale.resources(Oasis.class, List.of(OasisConfig.FILE)));

  private static final int FRAMES_PER_SECOND = 20;

  private final OasisConfig config;
  private final NetworkWeights<OasisTransformer> transformer;
  private final NetworkWeights<OasisVae> vae;

  private Oasis(Path folder, OasisConfig config) {
    super(folder);
    this.config = config;
    transformer =
        NetworkWeights.transformer(
            "transformer",
            WeightFiles.of("transformer", folder, "oasis500m"),
            p -> new OasisTransformer(p, config.dit()));
    vae =
        NetworkWeights.autoencoder(
            "autoencoder",
            WeightFiles.of("autoencoder", folder, "vit-l-20"),
            p -> new OasisVae(p, config.vae()));
  }

  /**
   * Reads the configuration of a model.
   *
   * @param folder a folder with {@code config.json} and the two released checkpoints
   * @throws dev.orrery.runtime.checkpoint.CheckpointException if there is no configuration, or it
   *     is of no model
   */
  public static Oasis open(Path folder) {
    return new Oasis(folder, OasisConfig.read(folder));
  }

  @Override
  protected String family() {
    return OasisConfig.FAMILY;
  }

  @Override
  public ActionSpace actionSpace() {
    return OasisActionSpace.INSTANCE;
  }

  @Override
  public StartRequirements startRequirements() {
    return StartRequirements.of(config.vae().width(), config.vae().height())
        .withStretchedImages(1, config.dit().window());
  }

  @Override
  public int steps() {
    return config.steps();
  }

  @Override
  public ModelFolder withSteps(int steps) {
    return new Oasis(folder(), config.withSteps(steps));
  }

  @Override
  protected List<NetworkWeights<?>> sessionNetworks() {
    return List.of(transformer, vae);
  }

  @Override
  protected OasisNetworks build(NetworkBuilder builder) {
    return new OasisNetworks(builder.build(transformer), builder.build(vae));
  }

  @Override
  public String description() {
    return String.format(
        Locale.ROOT,
        "Oasis, %dx%d, %d denoising steps, a window of %d frames%s",
        config.vae().width(),
        config.vae().height(),
        config.steps(),
        config.dit().window(),
        config.context() == OasisConfig.Context.RING ? ", approximate past (ring)" : "");
  }

  @Override
  public VideoShape video() {
    return new VideoShape(config.vae().width(), config.vae().height(), FRAMES_PER_SECOND);
  }

  @Override
  public int framesOfChunk(int chunk) {
    return 1;
  }

  @Override
  protected OasisStart newCondition(OasisNetworks networks, Backend backend, TensorArena arena) {
    return new OasisStart(config, arena);
  }

  @Override
  protected void encode(
      OasisNetworks networks,
      Start start,
      OasisStart condition,
      StartResources resources,
      Progress progress) {
    condition.encode(start.images(), networks.vae(), resources, progress);
  }

  @Override
  protected OasisSession newSession(
      OasisNetworks networks, OasisStart condition, SessionResources resources) {
    return new OasisSession(config, networks, condition, resources);
  }

  /** With as many images as there may be, the window is full from the first frame on. */
  @Override
  protected Start plannedStart() {
    int height = config.vae().height();
    int width = config.vae().width();
    RgbImage image = new RgbImage(width, height, new byte[3 * height * width]);
    return Start.of(Collections.nCopies(config.dit().window(), image), 0);
  }

  /** The first frame also looks at the actions of the start; the second is like all that follow. */
  @Override
  protected int plannedChunks() {
    return 2;
  }
}
