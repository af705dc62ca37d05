package dev.orrery.model.matrixgame2;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.model.clip.ImageEncoder;
import dev.orrery.model.family.CheckpointModel;
import dev.orrery.model.family.ModelFamily;
import dev.orrery.model.family.ModelFolder;
import dev.orrery.model.family.NetworkBuilder;
import dev.orrery.model.family.NetworkWeights;
import dev.orrery.model.family.ReleasedFamily;
import dev.orrery.model.family.VideoShape;
import dev.orrery.model.family.WeightFiles;
import dev.orrery.model.session.ActionSpace;
import dev.orrery.model.session.LatentDecoder;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.SessionResources;
import dev.orrery.model.session.Start;
import dev.orrery.model.session.StartRequirements;
import dev.orrery.model.session.StartResources;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.vae.Vae;
import dev.orrery.model.wan.WanDecoders;
import dev.orrery.runtime.checkpoint.Weights;
import dev.orrery.runtime.media.RgbImage;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Matrix-Game 2.0 (Skywork): an interactive world model that continues an image as video while keys
 * and mouse steer it, three latent frames at a time.
 */
public final class MatrixGame2 extends CheckpointModel<MatrixGame2Networks, MatrixGame2Condition> {
  /** The family. */
  public static final ModelFamily FAMILY =
      new ReleasedFamily(
          MatrixGame2Config.FAMILY,
          MatrixGame2Files::isModel,
          MatrixGame2::open,
          MatrixGame2Transformer.QUANTIZABLE,
          Optional.of(new MatrixGame2Recipe()),
          scale -> scale.resources(MatrixGame2.class, List.of("config.json")));

  /** The second chunk has a longer window and decodes to more frames; later ones take no more. */
  private static final int PLANNED_CHUNKS = 2;

  private static final int FRAMES_PER_SECOND = 25;

  private final MatrixGame2Config config;
  private final NetworkWeights<MatrixGame2Transformer> transformer;
  private final NetworkWeights<Vae> vae;
  private final NetworkWeights<ImageEncoder> imageEncoder;
  private final WanDecoders decoders;

  MatrixGame2(Path folder, MatrixGame2Config config) {
    super(folder);
    this.config = config;
    decoders = new WanDecoders(config.decoders(), MatrixGame2Files.taehv(folder));
    transformer =
        NetworkWeights.transformer(
            "transformer",
            MatrixGame2Files.transformer(folder),
            weights -> weights.strip("model"),
            p -> new MatrixGame2Transformer(p, config.dit()));
    vae =
        NetworkWeights.autoencoder(
            "VAE",
            MatrixGame2Files.vae(folder),
            p -> decoders.isTiny() ? Vae.encoding(p, config.vae()) : Vae.of(p, config.vae()));
    imageEncoder =
        NetworkWeights.transformer(
            "image encoder",
            MatrixGame2Files.imageEncoder(folder),
            this::visualTower,
            p -> new ImageEncoder(p, config.imageEncoder()));
  }

  /**
   * Reads the configuration of a model.
   *
   * @param folder a folder with {@code config.json} and the three checkpoints, or a variant's
   *     folder of the released repository after conversion to safetensors, or such a repository
   *     that has one variant
   * @throws dev.orrery.runtime.checkpoint.CheckpointException if there is no configuration, or it
   *     is of no model
   */
  public static MatrixGame2 open(Path folder) {
    Path modelFolder = MatrixGame2Files.modelFolder(folder);
    return new MatrixGame2(modelFolder, MatrixGame2Config.read(modelFolder));
  }

  /** Opens and loads a model, see {@link #open} and {@link #load(Backend, Progress)}. */
  public static WorldModel load(Path folder, Backend backend, Progress progress) {
    return open(folder).load(backend, progress);
  }

  /** The visual tower, alone or as a part of a whole CLIP model. */
  private Weights visualTower(Weights weights) {
    weights.ignore("textual", "the text tower is not used");
    weights.ignore("log_scale", "belongs to the contrastive loss");
    Weights visual = weights.has("visual") ? weights.at("visual") : weights;
    visual.ignore("transformer." + config.imageEncoder().blocks(), "the last block is not run");
    visual.ignore("post_norm", "follows the last block");
    visual.ignore("head", "follows the last block");
    return visual;
  }

  @Override
  public ActionSpace actionSpace() {
    return config.variant();
  }

  @Override
  public StartRequirements startRequirements() {
    return StartRequirements.of(config.width(), config.height()).withImages(1, 1);
  }

  @Override
  public List<NetworkWeights<?>> networks() {
    return decoders.known(sessionNetworks());
  }

  @Override
  protected List<NetworkWeights<?>> sessionNetworks() {
    return decoders.needed(transformer, vae, imageEncoder);
  }

  @Override
  protected MatrixGame2Networks build(NetworkBuilder builder) {
    Vae autoencoder = builder.build(vae);
    return new MatrixGame2Networks(
        builder.build(transformer),
        autoencoder.encoder(),
        decoders.build(builder, autoencoder.decoder()::decode),
        builder.build(imageEncoder));
  }

  @Override
  public String description() {
    return String.format(
        Locale.ROOT,
        "Matrix-Game 2.0 %s, %dx%d, %d denoising steps%s%s",
        config.variant().id(),
        config.width(),
        config.height(),
        steps(),
        config.dit().attention().described(),
        decoders.described());
  }

  @Override
  public int steps() {
    return config.denoisingSteps().size();
  }

  @Override
  public LatentDecoder decoder() {
    return decoders.used();
  }

  @Override
  public Optional<WeightFiles> tinyDecoder() {
    return Optional.of(decoders.tinyFiles());
  }

  @Override
  public ModelFolder withDecoder(LatentDecoder decoder) {
    return new MatrixGame2(folder(), config.withDecoder(decoder));
  }

  @Override
  public VideoShape video() {
    return new VideoShape(config.width(), config.height(), FRAMES_PER_SECOND);
  }

  @Override
  public int framesOfChunk(int chunk) {
    return config.framesOfChunk(chunk);
  }

  @Override
  protected String family() {
    return MatrixGame2Config.FAMILY;
  }

  @Override
  protected MatrixGame2Condition newCondition(
      MatrixGame2Networks networks, Backend backend, TensorArena arena) {
    return MatrixGame2StartEncoder.empty(config, networks, backend, arena);
  }

  @Override
  protected void encode(
      MatrixGame2Networks networks,
      Start start,
      MatrixGame2Condition condition,
      StartResources resources,
      Progress progress) {
    new MatrixGame2StartEncoder(config, networks, resources.backend())
        .encode(start.images().getFirst(), condition, resources, progress);
  }

  @Override
  protected MatrixGame2Session newSession(
      MatrixGame2Networks networks, MatrixGame2Condition condition, SessionResources resources) {
    return new MatrixGame2Session(config, networks, condition, resources);
  }

  @Override
  protected Start plannedStart() {
    int bytes = Math.multiplyExact(3, Math.multiplyExact(config.height(), config.width()));
    return Start.of(new RgbImage(config.width(), config.height(), new byte[bytes]), 0);
  }

  @Override
  protected int plannedChunks() {
    return PLANNED_CHUNKS;
  }
}
