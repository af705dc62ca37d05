package dev.orrery.model.worldplayhy;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.family.ModelFamily;
import dev.orrery.model.family.ModelFolder;
import dev.orrery.model.family.MomentaryPart;
import dev.orrery.model.family.NetworkBuilder;
import dev.orrery.model.family.NetworkWeights;
import dev.orrery.model.family.Prompts;
import dev.orrery.model.family.ReleasedFamily;
import dev.orrery.model.family.SyntheticScale;
import dev.orrery.model.family.VideoShape;
import dev.orrery.model.family.WeightFiles;
import dev.orrery.model.hunyuanvae.HunyuanVaeDecoder;
import dev.orrery.model.hunyuanvae.HunyuanVaeEncoder;
import dev.orrery.model.session.LatentDecoder;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.SessionResources;
import dev.orrery.model.session.Start;
import dev.orrery.model.session.StartRequirements;
import dev.orrery.model.session.StartResources;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.siglip.SiglipConfig;
import dev.orrery.model.siglip.SiglipEncoder;
import dev.orrery.model.text.EncodedPrompt;
import dev.orrery.model.wan.WanDecoders;
import dev.orrery.model.worldplay.FieldOfViewOverlap;
import dev.orrery.model.worldplay.MemoryRetrieval;
import dev.orrery.model.worldplay.WorldPlayModel;
import dev.orrery.model.worldplay.WorldPlaySession;
import dev.orrery.runtime.checkpoint.CheckpointException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * WorldPlay-8B (Tencent): an interactive world model on HunyuanVideo-1.5 that makes a picture and a
 * prompt a world that a camera moves through, four latent frames at a time. A model's folder:
 *
 * <pre>
 * config.json                             see {@link WorldPlayHyConfig}
 * transformer/config.json                 as released
 * transformer/diffusion_pytorch_model.safetensors or model.safetensors, or an index with shards
 * vae/config.json, vae/diffusion_pytorch_model.safetensors
 * taehv1_5.safetensors                    may be missing: the tiny decoder
 * image_encoder/config.json, image_encoder/model.safetensors
 *                                         may be missing: SigLIP
 * vision.safetensors                      needed without it: what it says about the one picture
 * prompt.safetensors                      may be missing: the encoded prompt to take if none is given
 * </pre>
 */
public final class WorldPlayHy extends WorldPlayModel<WorldPlayHyNetworks, WorldPlayHyCondition> {
  /** The family. */
  public static final ModelFamily FAMILY =
      new ReleasedFamily(
          WorldPlayHyConfig.FAMILY,
          folder -> WorldPlayModel.isModel(folder, WorldPlayHyConfig.FAMILY),
          WorldPlayHy::open,
          WorldPlayHyTransformer.QUANTIZABLE,
          Optional.of(new WorldPlayHyRecipe(WorldPlayHyRecipe.Variant.DISTILLED)),
          WorldPlayHy::syntheticFiles);

  private static final String SYSTEM_PROMPT = "system_prompt.txt";
  private static final String WEIGHTS = "diffusion_pytorch_model";
  private static final String TINY_DECODER = "taehv1_5";

  /** The sixth chunk is the first one with the longest window; all later ones are like it. */
  private static final int PLANNED_CHUNKS = 6;

  private static final int FRAMES_PER_SECOND = 24;

  private final WorldPlayHyConfig config;
  private final NetworkWeights<WorldPlayHyTransformer> transformer;
  private final NetworkWeights<WorldPlayHyNetworks.Vae> vae;
  private final NetworkWeights<PictureStates> picture;
  private final WorldPlayHyPrompts prompts;

  WorldPlayHy(Path folder, WorldPlayHyConfig config) {
    super(
        folder,
        WorldPlayHyConfig.FAMILY,
        new VideoShape(config.width(), config.height(), FRAMES_PER_SECOND),
        new WanDecoders(config.decoders(), tinyDecoderFiles(folder, TINY_DECODER)));
    this.config = config;
    transformer =
        NetworkWeights.transformer(
            "transformer",
            new WeightFiles(
                "transformer", List.of(folder.resolve("transformer")), List.of(WEIGHTS, "model")),
            p -> new WorldPlayHyTransformer(p, config.dit()));
    vae =
        NetworkWeights.autoencoder(
            "VAE",
            WeightFiles.of("VAE", folder.resolve("vae"), WEIGHTS),
            p ->
                new WorldPlayHyNetworks.Vae(
                    new MomentaryPart<>(p, part -> new HunyuanVaeEncoder(part, config.vae())),
                    // Another one's frames are shown: this one's tensors are only checked.
                    new HunyuanVaeDecoder(decoders().isTiny() ? p.planned() : p, config.vae())));
    picture = config.siglip().map(this::siglip).orElseGet(this::storedStates);
    prompts = new WorldPlayHyPrompts(folder, config);
  }

  private NetworkWeights<PictureStates> siglip(SiglipConfig encoder) {
    String name = "image encoder";
    Path at = folder().resolve(WorldPlayHyConfig.IMAGE_ENCODER);
    return NetworkWeights.transformer(
        name,
        WeightFiles.of(name, at, "model"),
        SiglipEncoder::withoutHead,
        p -> new SiglipPictureStates(p, encoder));
  }

  private NetworkWeights<PictureStates> storedStates() {
    String name = "picture's states";
    WeightFiles files = WeightFiles.of(name, folder(), "vision");
    int channels = config.dit().states().vision();
    return NetworkWeights.transformer(
        name,
        files,
        p -> new StoredPictureStates(p, files.path(), config.visionTokens(), channels));
  }

  /**
   * Reads the configuration of a model.
   *
   * @throws CheckpointException if it is missing or of no model
   */
  public static WorldPlayHy open(Path folder) {
    return new WorldPlayHy(folder, WorldPlayHyConfig.read(folder));
  }

  /** Opens and loads a model, see {@link #open} and {@link #load(Backend, Progress)}. */
  public static WorldModel load(Path folder, Backend backend, Progress progress) {
    return open(folder).load(backend, progress);
  }

  @Override
  public StartRequirements startRequirements() {
    return StartRequirements.of(config.width(), config.height()).withImages(1, 1).withPrompt();
  }

  @Override
  public Optional<Prompts> prompts() {
    return Optional.of(prompts);
  }

  /** A folder that was just made may still lack what the picture says. */
  @Override
  public List<NetworkWeights<?>> networks() {
    List<NetworkWeights<?>> networks =
        new ArrayList<>(decoders().known(decoders().needed(transformer, vae)));
    if (config.siglip().isPresent() || Files.exists(picture.files().path())) {
      networks.add(picture);
    }
    networks.addAll(prompts.networks());
    return networks;
  }

  @Override
  protected List<NetworkWeights<?>> sessionNetworks() {
    return decoders().needed(transformer, vae, picture);
  }

  @Override
  protected WorldPlayHyNetworks build(NetworkBuilder builder) {
    WorldPlayHyNetworks.Vae autoencoder = builder.build(vae);
    return new WorldPlayHyNetworks(
        builder.build(transformer),
        autoencoder.encoder(),
        decoders().build(builder, autoencoder.decoder()::decode),
        builder.build(picture));
  }

  @Override
  public String description() {
    return String.format(
        Locale.ROOT,
        "WorldPlay-8B, %dx%d, %d denoising steps%s%s%s",
        config.width(),
        config.height(),
        steps(),
        config.sampler().guided() ? " with guidance" : "",
        config.dit().attention().described(),
        decoders().described());
  }

  @Override
  public int steps() {
    return config.sampler().steps();
  }

  /** Any number for a model with guidance, which is not distilled. */
  @Override
  public ModelFolder withSteps(int steps) {
    return config.sampler().guided()
        ? new WorldPlayHy(folder(), config.withSteps(steps))
        : super.withSteps(steps);
  }

  @Override
  public ModelFolder withDecoder(LatentDecoder decoder) {
    return new WorldPlayHy(folder(), config.withDecoder(decoder));
  }

  @Override
  protected WorldPlayHyCondition newCondition(
      WorldPlayHyNetworks networks, Backend backend, TensorArena arena) {
    return WorldPlayHyStartEncoder.empty(config, networks, arena);
  }

  @Override
  protected void encode(
      WorldPlayHyNetworks networks,
      Start start,
      WorldPlayHyCondition condition,
      StartResources resources,
      Progress progress) {
    EncodedPrompt prompt = start.prompt().orElseGet(prompts::stored);
    new WorldPlayHyStartEncoder(config, networks, resources.backend())
        .encode(start.prompted(prompt), condition, resources, progress);
  }

  @Override
  protected WorldPlaySession newSession(
      WorldPlayHyNetworks networks, WorldPlayHyCondition condition, SessionResources resources) {
    WorldPlayHyGenerator generator =
        new WorldPlayHyGenerator(
            config,
            networks.transformer(),
            condition,
            new MemoryRetrieval(
                FieldOfViewOverlap.seeded(resources.seed()), WorldPlayHyGenerator.BEGINNING),
            resources);
    return newSession(resources, networks.frames(), generator);
  }

  /** A picture and the longest prompt with the longest quoted text. */
  @Override
  protected Start plannedStart() {
    Map<String, Tensor> states = new LinkedHashMap<>();
    int text = config.dit().states().text();
    states.put(WorldPlayHyPrompts.TEXT, zeros(WorldPlayHyPrompts.TEXT_TOKENS, text));
    states.put(
        WorldPlayHyPrompts.GLYPHS,
        zeros(WorldPlayHyPrompts.GLYPH_TOKENS, config.dit().states().glyph()));
    if (config.sampler().guided()) {
      states.put(WorldPlayHyPrompts.NEGATIVE, zeros(WorldPlayHyPrompts.TEXT_TOKENS, text));
    }
    EncodedPrompt prompt = new EncodedPrompt("", "", Optional.empty(), states);
    return new Start(List.of(plannedPicture()), Optional.of(prompt), 0);
  }

  private static Tensor zeros(int rows, int columns) {
    return Tensor.of(new float[Math.multiplyExact(rows, columns)], rows, columns);
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
    return prompts.plannedBytes(backend);
  }

  private static Map<String, URL> syntheticFiles(SyntheticScale scale) {
    Map<String, URL> files =
        scale.resources(
            WorldPlayHy.class,
            List.of(
                "config.json",
                "transformer/config.json",
                "vae/config.json",
                "text_encoder/config.json",
                "glyph_encoder/config.json",
                "image_encoder/config.json"));
    for (String shared : List.of("tokenizer/vocab.json", "tokenizer/merges.txt", SYSTEM_PROMPT)) {
      String name = shared.substring(shared.indexOf('/') + 1);
      files.put(shared, WorldPlayHy.class.getResource("synthetic/" + name));
    }
    return files;
  }
}
