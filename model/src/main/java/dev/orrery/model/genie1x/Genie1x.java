package dev.orrery.model.genie1x;

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
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.media.RgbImage;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Genie as 1X Technologies built it (1xgpt): what a robot sees goes on, frame by frame, as tokens
 * that are guessed all at once. It takes no actions.
 */
public final class Genie1x extends CheckpointModel<Genie1xNetworks, Genie1xStart> {
  /** The family. */
  public static final ModelFamily FAMILY =
      new ReleasedFamily(
          Genie1xConfig.FAMILY,
          Genie1xConfig::isModel,
          Genie1x::open,
          tensor -> false,
          Optional.of(new Genie1xRecipe()),
          scale -> scale.resources(Genie1x.class, List.of(Genie1xConfig.FILE)));

  private static final int FRAMES_PER_SECOND = 2;

  private final Genie1xConfig config;
  private final NetworkWeights<StMaskGit> transformer;
  private final NetworkWeights<Genie1xNetworks.Magvit2> tokenizer;

  private Genie1x(Path folder, Genie1xConfig config) {
    super(folder);
    this.config = config;
    transformer =
        NetworkWeights.transformer(
            "transformer",
            WeightFiles.of("transformer", folder, "model"),
            p -> new StMaskGit(p, config.transformer()));
    tokenizer = Genie1xRecipe.tokenizer(folder, config);
  }

  /**
   * Reads the configuration of a model.
   *
   * @param folder a folder with {@code config.json}, {@code model.safetensors} and {@code
   *     magvit2.safetensors}
   * @throws dev.orrery.runtime.checkpoint.CheckpointException if there is no configuration, or it
   *     is of no model
   */
  public static Genie1x open(Path folder) {
    return new Genie1x(
        folder, Genie1xConfig.read(JsonValue.read(folder.resolve(Genie1xConfig.FILE))));
  }

  @Override
  protected String family() {
    return Genie1xConfig.FAMILY;
  }

  @Override
  public ActionSpace actionSpace() {
    return Onward.SPACE;
  }

  @Override
  public StartRequirements startRequirements() {
    int frames = config.promptFrames();
    int grid = config.transformer().side();
    int vocabulary = config.transformer().vocabulary().ids();
    return StartRequirements.of(config.side(), config.side())
        .withImages(frames, frames)
        .withTokens(new StartRequirements.Tokens(frames, frames, grid, grid, vocabulary));
  }

  @Override
  public int steps() {
    return config.sampling().steps();
  }

  @Override
  public ModelFolder withSteps(int steps) {
    return new Genie1x(folder(), config.withSteps(steps));
  }

  @Override
  protected List<NetworkWeights<?>> sessionNetworks() {
    return List.of(transformer, tokenizer);
  }

  @Override
  protected Genie1xNetworks build(NetworkBuilder builder) {
    return new Genie1xNetworks(builder.build(transformer), builder.build(tokenizer));
  }

  @Override
  public String description() {
    return String.format(
        Locale.ROOT,
        "Genie (1xgpt), %dx%d, %d steps, a window of %d frames",
        config.side(),
        config.side(),
        config.sampling().steps(),
        config.transformer().frames());
  }

  @Override
  public VideoShape video() {
    return new VideoShape(config.side(), config.side(), FRAMES_PER_SECOND);
  }

  @Override
  public int framesOfChunk(int chunk) {
    return 1;
  }

  @Override
  protected Genie1xStart newCondition(
      Genie1xNetworks networks, Backend backend, TensorArena arena) {
    return new Genie1xStart(config);
  }

  @Override
  protected void encode(
      Genie1xNetworks networks,
      Start start,
      Genie1xStart condition,
      StartResources resources,
      Progress progress) {
    condition.encode(start, networks.tokenizer().encoder(), resources, progress);
  }

  @Override
  protected Genie1xSession newSession(
      Genie1xNetworks networks, Genie1xStart condition, SessionResources resources) {
    return new Genie1xSession(config, networks, condition, resources);
  }

  @Override
  protected Start plannedStart() {
    int side = config.side();
    RgbImage image = new RgbImage(side, side, new byte[3 * side * side]);
    return Start.of(Collections.nCopies(config.promptFrames(), image), 0);
  }

  /** The window slides when it is full, and everything is computed anew. */
  @Override
  protected int plannedChunks() {
    return config.transformer().frames() - config.promptFrames() + 1;
  }
}
