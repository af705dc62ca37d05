package dev.orrery.model.worldplay;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.family.ModelFamily;
import dev.orrery.model.family.ModelFolder;
import dev.orrery.model.family.NetworkBuilder;
import dev.orrery.model.family.NetworkWeights;
import dev.orrery.model.family.Prompts;
import dev.orrery.model.family.ReleasedFamily;
import dev.orrery.model.family.SyntheticScale;
import dev.orrery.model.family.VideoShape;
import dev.orrery.model.family.WeightFiles;
import dev.orrery.model.sampling.NoiseSource;
import dev.orrery.model.session.LatentDecoder;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.SessionResources;
import dev.orrery.model.session.Start;
import dev.orrery.model.session.StartRequirements;
import dev.orrery.model.session.StartResources;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.text.EncodedPrompt;
import dev.orrery.model.umt5.PromptEncoder;
import dev.orrery.model.vae22.Vae22;
import dev.orrery.model.wan.WanDecoders;
import dev.orrery.runtime.checkpoint.CheckpointException;
import java.net.URL;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * WorldPlay-5B (Tencent): an interactive world model that makes a prompt, or an image and a prompt,
 * a world that a camera moves through, four latent frames at a time. A model's folder:
 *
 * <pre>
 * config.json                             {"family": "worldplay-wan5b", "resolution": [704, 1280]}
 * transformer/config.json                 as released
 * transformer/diffusion_pytorch_model.safetensors, or .safetensors.index.json with its shards
 * vae/config.json, vae/diffusion_pytorch_model.safetensors
 * taew2_2.safetensors                     may be missing: the tiny decoder
 * text_encoder/, tokenizer/               may be missing, see {@link WorldPlayPrompts}
 * prompt.safetensors                      may be missing: the encoded prompt to take if none is given
 * </pre>
 */
public final class WorldPlay extends WorldPlayModel<WorldPlayNetworks, WorldPlayCondition> {
  /** The family. */
  public static final ModelFamily FAMILY =
      new ReleasedFamily(
          WorldPlayConfig.FAMILY,
          folder -> WorldPlayModel.isModel(folder, WorldPlayConfig.FAMILY),
          WorldPlay::open,
          WorldPlayTransformer.QUANTIZABLE,
          Optional.of(new WorldPlayRecipe()),
          WorldPlay::syntheticFiles);

  private static final String WEIGHTS = "diffusion_pytorch_model";
  private static final String TINY_DECODER = "taew2_2";

  /** The fifth chunk is the first one with the longest window; all later ones are like it. */
  private static final int PLANNED_CHUNKS = 5;

  private static final int FRAMES_PER_SECOND = 16;

  private final WorldPlayConfig config;
  private final NetworkWeights<WorldPlayTransformer> transformer;
  private final NetworkWeights<Vae22> vae;
  private final WorldPlayPrompts prompts;

  WorldPlay(Path folder, WorldPlayConfig config) {
    super(
        folder,
        WorldPlayConfig.FAMILY,
        new VideoShape(config.width(), config.height(), FRAMES_PER_SECOND),
        new WanDecoders(config.decoders(), tinyDecoderFiles(folder, TINY_DECODER)));
    this.config = config;
    transformer =
        NetworkWeights.transformer(
            "transformer",
            WeightFiles.of("transformer", folder.resolve("transformer"), WEIGHTS),
            p -> new WorldPlayTransformer(p, config.dit()));
    vae =
        NetworkWeights.autoencoder(
            "VAE",
            WeightFiles.of("VAE", folder.resolve("vae"), WEIGHTS),
            p -> decoders().isTiny() ? Vae22.encoding(p, config.vae()) : Vae22.of(p, config.vae()));
    prompts = new WorldPlayPrompts(folder, config.dit().textDim());
  }

  /**
   * Reads the configuration of a model.
   *
   * @throws CheckpointException if it is missing or of no model
   */
  public static WorldPlay open(Path folder) {
    return new WorldPlay(folder, WorldPlayConfig.read(folder));
  }

  /** Opens and loads a model, see {@link #open} and {@link #load(Backend, Progress)}. */
  public static WorldModel load(Path folder, Backend backend, Progress progress) {
    return open(folder).load(backend, progress);
  }

  @Override
  public StartRequirements startRequirements() {
    return StartRequirements.of(config.width(), config.height()).withImages(0, 1).withPrompt();
  }

  @Override
  public Optional<Prompts> prompts() {
    return Optional.of(prompts);
  }

  @Override
  public List<NetworkWeights<?>> networks() {
    List<NetworkWeights<?>> networks = new ArrayList<>(decoders().known(sessionNetworks()));
    if (prompts.canEncode()) {
      networks.add(prompts.network());
    }
    return networks;
  }

  @Override
  protected List<NetworkWeights<?>> sessionNetworks() {
    return decoders().needed(transformer, vae);
  }

  @Override
  protected WorldPlayNetworks build(NetworkBuilder builder) {
    Vae22 autoencoder = builder.build(vae);
    return new WorldPlayNetworks(
        builder.build(transformer),
        autoencoder.encoder(),
        decoders().build(builder, autoencoder.decoder()::decode));
  }

  @Override
  public String description() {
    return String.format(
        Locale.ROOT,
        "WorldPlay-5B, %dx%d, %d denoising steps%s%s",
        config.width(),
        config.height(),
        steps(),
        config.dit().attention().described(),
        decoders().described());
  }

  @Override
  public int steps() {
    return WorldPlayGenerator.STEPS;
  }

  @Override
  public ModelFolder withDecoder(LatentDecoder decoder) {
    return new WorldPlay(folder(), config.withDecoder(decoder));
  }

  @Override
  protected WorldPlayCondition newCondition(
      WorldPlayNetworks networks, Backend backend, TensorArena arena) {
    return WorldPlayStartEncoder.empty(config, networks, arena);
  }

  @Override
  protected void encode(
      WorldPlayNetworks networks,
      Start start,
      WorldPlayCondition condition,
      StartResources resources,
      Progress progress) {
    EncodedPrompt prompt = start.prompt().orElseGet(prompts::stored);
    new WorldPlayStartEncoder(config, networks, resources.backend())
        .encode(start.prompted(prompt), condition, resources, progress);
  }

  /** The latent of the picture is drawn from what the encoder gives. */
  @Override
  protected WorldPlayCondition withNoise(WorldPlayCondition encoded, NoiseSource noise) {
    return WorldPlayStartEncoder.draw(config, encoded, noise);
  }

  @Override
  protected WorldPlaySession newSession(
      WorldPlayNetworks networks, WorldPlayCondition condition, SessionResources resources) {
    WorldPlayGenerator generator =
        new WorldPlayGenerator(
            config,
            networks.transformer(),
            condition,
            new MemoryRetrieval(FieldOfViewOverlap.seeded(resources.seed()), 0),
            resources);
    return newSession(resources, networks.frames(), generator);
  }

  /** An image and a prompt of one token; prompts of any length take the same memory. */
  @Override
  protected Start plannedStart() {
    int channels = config.dit().textDim();
    Tensor features = Tensor.of(new float[channels], 1, channels);
    EncodedPrompt prompt =
        new EncodedPrompt("", "", Optional.empty(), Map.of(PromptEncoder.FEATURES, features));
    return new Start(List.of(plannedPicture()), Optional.of(prompt), 0);
  }

  @Override
  protected int plannedChunks() {
    return PLANNED_CHUNKS;
  }

  @Override
  protected long latentValues() {
    return config.latentValues();
  }

  @Override
  protected long promptEncoderBytes(PlanningBackend backend) {
    return prompts.canEncode() ? prompts.plannedBytes(backend) : 0;
  }

  private static Map<String, URL> syntheticFiles(SyntheticScale scale) {
    Map<String, URL> files =
        scale.resources(
            WorldPlay.class,
            List.of(
                "config.json",
                "transformer/config.json",
                "vae/config.json",
                "text_encoder/config.json"));
    files.put("tokenizer/tokenizer.json", WorldPlay.class.getResource("synthetic/tokenizer.json"));
    return files;
  }
}
