package dev.orrery.model.vid2world;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.clip.ImageEncoder;
import dev.orrery.model.clip.TextTower;
import dev.orrery.model.family.CheckpointModel;
import dev.orrery.model.family.ModelFamily;
import dev.orrery.model.family.ModelFolder;
import dev.orrery.model.family.NetworkBuilder;
import dev.orrery.model.family.NetworkWeights;
import dev.orrery.model.family.ReleasedFamily;
import dev.orrery.model.family.SyntheticScale;
import dev.orrery.model.family.VideoShape;
import dev.orrery.model.family.WeightFiles;
import dev.orrery.model.klvae.KlVaeDecoder;
import dev.orrery.model.klvae.KlVaeEncoder;
import dev.orrery.model.session.ActionSpace;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.SessionResources;
import dev.orrery.model.session.Start;
import dev.orrery.model.session.StartRequirements;
import dev.orrery.model.session.StartResources;
import dev.orrery.runtime.media.RgbImage;
import java.net.URL;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Vid2World: a video diffusion U-Net that makes Counter-Strike from keys and mouse, or what a robot
 * sees from its movements, frame by frame.
 */
public final class Vid2World extends CheckpointModel<Vid2WorldNetworks, Vid2WorldStart> {
  /** The family. */
  public static final ModelFamily FAMILY =
      new ReleasedFamily(
          Vid2WorldConfig.FAMILY,
          Vid2WorldConfig::isModel,
          Vid2World::open,
          VideoUnet.QUANTIZABLE,
          Optional.of(new Vid2WorldRecipe(Vid2WorldRecipe.Variant.CSGO, Optional.empty())),
          scale -> scale.resources(Vid2World.class, List.of(Vid2WorldConfig.FILE)),
          Map.of("robot", Vid2World::robot));

  private static Map<String, URL> robot(SyntheticScale scale) {
    URL config = Vid2World.class.getResource("synthetic/" + scale + "/robot.json");
    return Map.of(Vid2WorldConfig.FILE, config);
  }

  private record Autoencoder(KlVaeEncoder encoder, KlVaeDecoder decoder) {}

  private final Vid2WorldConfig config;
  private final NetworkWeights<VideoUnet> unet;
  private final NetworkWeights<Autoencoder> autoencoder;
  private final NetworkWeights<ImageEncoder> imageEncoder;
  private final NetworkWeights<Resampler> resampler;
  private final NetworkWeights<Tensor> text;

  private Vid2World(Path folder, Vid2WorldConfig config) {
    super(folder);
    this.config = config;
    unet =
        NetworkWeights.transformer(
            "U-Net", files("U-Net", "unet"), p -> new VideoUnet(p, config.unet()));
    autoencoder =
        NetworkWeights.autoencoder(
            "autoencoder",
            files("autoencoder", "autoencoder"),
            p ->
                new Autoencoder(
                    new KlVaeEncoder(p, config.vae()), new KlVaeDecoder(p, config.vae())));
    imageEncoder =
        NetworkWeights.transformer(
            "image encoder",
            files("image encoder", "image_encoder"),
            ImageEncoder::withoutHead,
            p -> ImageEncoder.openClip(p, config.context().tower()));
    resampler =
        NetworkWeights.transformer(
            "resampler",
            files("resampler", "resampler"),
            p -> new Resampler(p, config.context().resampler()));
    text =
        NetworkWeights.transformer(
            "text context",
            files("text context", "text_context"),
            p -> p.likeActivations("text_context", TextTower.TOKENS, config.unet().contextDim()));
  }

  private WeightFiles files(String network, String stem) {
    return WeightFiles.of(network, folder(), stem);
  }

  /**
   * Reads the configuration of a model.
   *
   * @param folder a folder with {@code config.json} and the checkpoints of the networks
   * @throws dev.orrery.runtime.checkpoint.CheckpointException if there is no configuration, or it
   *     is of no model
   */
  public static Vid2World open(Path folder) {
    return new Vid2World(folder, Vid2WorldConfig.read(folder));
  }

  @Override
  protected String family() {
    return Vid2WorldConfig.FAMILY;
  }

  @Override
  public ActionSpace actionSpace() {
    return config.actions();
  }

  /** Of a history of pictures one may be given, which stands for all. */
  @Override
  public StartRequirements startRequirements() {
    return StartRequirements.of(config.width(), config.height()).withImages(1, config.past());
  }

  @Override
  public int steps() {
    return config.sampling().steps();
  }

  @Override
  public ModelFolder withSteps(int steps) {
    return new Vid2World(folder(), config.withSteps(steps));
  }

  @Override
  protected List<NetworkWeights<?>> sessionNetworks() {
    return List.of(unet, autoencoder, imageEncoder, resampler, text);
  }

  @Override
  protected Vid2WorldNetworks build(NetworkBuilder builder) {
    VideoUnet frames = builder.build(unet);
    Autoencoder pictures = builder.build(autoencoder);
    ImageContext context =
        new ImageContext(
            builder.backend(),
            config.context().tower(),
            builder.build(imageEncoder),
            builder.build(resampler));
    return new Vid2WorldNetworks(
        frames, pictures.encoder(), pictures.decoder(), context, builder.build(text));
  }

  @Override
  public String description() {
    return String.format(
        Locale.ROOT,
        "Vid2World, %dx%d, %d denoising steps of two passes, a window of %d frames kept as %s",
        config.width(),
        config.height(),
        config.sampling().steps(),
        config.frames().window(),
        config.history());
  }

  @Override
  public VideoShape video() {
    return new VideoShape(config.width(), config.height(), config.frames().perSecond());
  }

  @Override
  public int framesOfChunk(int chunk) {
    return 1;
  }

  @Override
  protected Vid2WorldStart newCondition(
      Vid2WorldNetworks networks, Backend backend, TensorArena arena) {
    return new Vid2WorldStart(config, arena);
  }

  @Override
  protected void encode(
      Vid2WorldNetworks networks,
      Start start,
      Vid2WorldStart condition,
      StartResources resources,
      Progress progress) {
    condition.encode(start.images(), resources.backend(), progress);
  }

  @Override
  protected Vid2WorldSession newSession(
      Vid2WorldNetworks networks, Vid2WorldStart condition, SessionResources resources) {
    return Vid2WorldSession.of(config, networks, condition, resources);
  }

  /** With as many pictures as there may be, the window is full from the first frame on. */
  @Override
  protected Start plannedStart() {
    byte[] rgb =
        new byte[Math.multiplyExact(3, Math.multiplyExact(config.height(), config.width()))];
    RgbImage image = new RgbImage(config.width(), config.height(), rgb);
    return Start.of(Collections.nCopies(config.past(), image), 0);
  }

  /** The first frame encodes the start; with it a window of latents is full. */
  @Override
  protected int plannedChunks() {
    return 1;
  }
}
