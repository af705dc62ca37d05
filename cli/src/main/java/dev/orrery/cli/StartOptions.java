package dev.orrery.cli;

import dev.orrery.cli.command.UnusableInputException;
import dev.orrery.model.Families;
import dev.orrery.model.family.ModelFamily;
import dev.orrery.model.family.ModelFolder;
import dev.orrery.model.family.Prompts;
import dev.orrery.model.family.StartFiles;
import dev.orrery.model.family.WeightFiles;
import dev.orrery.model.session.LatentDecoder;
import dev.orrery.model.session.ModelIdentity;
import dev.orrery.model.session.SavedSession;
import dev.orrery.model.session.Start;
import dev.orrery.model.session.StartRequirements;
import dev.orrery.model.text.EncodedPrompt;
import dev.orrery.runtime.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How a world begins: from images or their tokens and a prompt, or where a session was saved. */
final class StartOptions {
  private static final long DEFAULT_SEED = 42;

  @Option(
      names = "--image",
      paramLabel = "FILE|DIR",
      description =
          "Image to start from: PNG, JPEG, WebP, GIF or BMP of any size; it is brought into the size"
              + " of the video. For models that start from several, oldest first: once for each, or"
              + " a folder of numbered PNG files. The video begins with the first frame that is"
              + " made, behind them. The demo world knows only its courtyard: a picture of your own"
              + " becomes a wall within a second. Default: start.png of the model's folder, or its folder start;"
              + " with a prompt none.")
  private List<Path> images = List.of();

  @Option(
      names = "--tokens",
      paramLabel = "FILE.safetensors",
      description =
          "Token ids to start from instead of images, for models that take them: a tensor tokens"
              + " [frames, rows, columns]. Default: start.safetensors of the model's folder.")
  private Path tokens;

  @Option(
      names = "--prompt",
      paramLabel = "TEXT|@FILE",
      description =
          "What the world is like, for models that take a prompt: as text, in a text file, or encoded"
              + " before in a .safetensors file. Default: prompt.safetensors of the model's folder.")
  private String prompt;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Chooses one of the possible worlds. Default: " + DEFAULT_SEED + ".")
  private Long seed;

  @Option(
      names = "--steps",
      paramLabel = "N",
      description =
          "Steps of the sampler: more are slower and better. Default: what the model's config.json"
              + " says; models that were distilled for a number of steps take no other.")
  private Integer steps;

  @Mixin private DecoderOption decoder = new DecoderOption();

  @Option(
      names = "--resume",
      paramLabel = "FILE.safetensors",
      description =
          "Go on in the world that --save kept, with the chunk behind the last one that was made; the"
              + " video begins there. Image, prompt, seed, steps and decoder are those of the session,"
              + " and cannot be given; the model is not in it. Actions count from here on.")
  private Path resume;

  /**
   * Requires options that can be meant.
   *
   * @throws UnusableInputException if not
   */
  void check() {
    if (resume == null) {
      return;
    }
    Map<String, Boolean> others = new LinkedHashMap<>();
    others.put("--image", !images.isEmpty());
    others.put("--tokens", tokens != null);
    others.put("--prompt", prompt != null);
    others.put("--seed", seed != null);
    others.put("--steps", steps != null);
    others.put("--decoder", decoder.isGiven());
    String given =
        others.entrySet().stream()
            .filter(Map.Entry::getValue)
            .map(Map.Entry::getKey)
            .collect(Collectors.joining(", "));
    if (!given.isEmpty()) {
      throw new UnusableInputException(
          "--resume: a saved session has its own; leave " + given + " out");
    }
  }

  /** Whether a saved session goes on. */
  boolean resumes() {
    return resume != null;
  }

  /** Chooses one of the possible worlds, of a new one. */
  long seed() {
    return seed == null ? DEFAULT_SEED : seed;
  }

  /**
   * Opens the model, which takes as many steps and has the decoder as is wished or as the saved
   * session had.
   *
   * @throws UnusableInputException if it cannot
   * @throws CheckpointException if it is no model, has no weights of that decoder, or the saved
   *     session is damaged or of another one
   */
  ModelFolder open(Families families, Path folder) {
    ModelFolder opened = openAsWished(families.of(folder), folder);
    if (opened.decoder() == LatentDecoder.TAEHV) {
      // Before a prompt is encoded, which may take long.
      opened.tinyDecoder().ifPresent(WeightFiles::requireFound);
    }
    return opened;
  }

  private ModelFolder openAsWished(ModelFamily family, Path folder) {
    if (resume == null) {
      ModelFolder opened = decoder.of(family.open(folder));
      return steps == null ? opened : withSteps(opened, steps, "--steps: ");
    }
    try (SavedSession saved = SavedSession.open(resume)) {
      saved.requireFamily(family.id());
      ModelIdentity own = saved.description().model();
      ModelFolder opened = withSteps(family.open(folder), own.steps(), resume + ": steps: ");
      opened = DecoderOption.with(opened, own.decoder(), resume + ": decoder: ");
      saved.requireModel(opened.description());
      return opened;
    }
  }

  private static ModelFolder withSteps(ModelFolder opened, int wanted, String what) {
    try {
      return opened.withSteps(wanted);
    } catch (IllegalArgumentException e) {
      throw new UnusableInputException(what + e.getMessage(), e);
    }
  }

  /**
   * Reads what the user gave.
   *
   * @param folder of the model
   * @param opened the model
   * @throws UnusableInputException if the model cannot begin so
   */
  Beginning read(Path folder, ModelFolder opened) throws IOException {
    if (resume != null) {
      try (SavedSession saved = SavedSession.open(resume)) {
        return new Beginning.Saved(resume, saved.description());
      }
    }
    Optional<Prompts> prompts = opened.prompts();
    if (prompt != null && prompts.isEmpty()) {
      throw new UnusableInputException("--prompt: the model takes no prompts");
    }
    Optional<Prompt> given = Optional.ofNullable(prompt).map(Prompt::of);
    if (given.isEmpty()) {
      prompts.ifPresent(known -> requireStored(folder, known));
    }
    Optional<EncodedPrompt> stored =
        given.isEmpty() ? prompts.map(Prompts::stored) : Optional.empty();
    StartRequirements required = opened.startRequirements();
    Start start = files(folder, required).read(required, seed());
    return new Beginning.New(
        stored.map(start::prompted).orElse(start), given, prompts.orElse(null), opened.steps());
  }

  /**
   * What lies in a model's folder to begin with, prompt included; empty if that is not enough.
   *
   * @throws IOException if it cannot be read
   */
  static Optional<Start> ownStart(Path folder, ModelFolder opened) throws IOException {
    try {
      return new StartOptions().read(folder, opened) instanceof Beginning.New own
          ? Optional.of(own.start())
          : Optional.empty();
    } catch (UnusableInputException e) {
      return Optional.empty();
    }
  }

  private static void requireStored(Path folder, Prompts prompts) {
    if (!prompts.hasStored()) {
      String how =
          prompts.canEncode()
              ? "describe the world with --prompt \"A castle by a lake\""
              : "name an encoded one with --prompt @FILE.safetensors";
      throw new UnusableInputException(folder + ": needs a prompt; " + how);
    }
  }

  /**
   * The files to start from; none for a world that is made up.
   *
   * @param folder of the model
   * @throws UnusableInputException if the model needs some and there is none
   */
  private StartFiles files(Path folder, StartRequirements requirements) throws IOException {
    if (tokens != null) {
      refuseTokens(requirements);
      return StartFiles.ofTokens(tokens);
    }
    if (!images.isEmpty()) {
      return StartFiles.ofImages(images);
    }
    boolean needed = requirements.images().least() > 0;
    if (!needed && prompt != null) {
      return StartFiles.none();
    }
    Optional<StartFiles> stored = StartFiles.stored(folder, requirements);
    if (stored.isEmpty() && needed) {
      throw new UnusableInputException(
          folder
              + ": has no "
              + StartFiles.storedNames(requirements)
              + " to begin with; name "
              + (requirements.images().most() == 1 ? "an image" : "images")
              + " with --image"
              + (requirements.tokens().isPresent() ? ", or tokens with --tokens" : ""));
    }
    return stored.orElseGet(StartFiles::none);
  }

  private void refuseTokens(StartRequirements requirements) {
    if (requirements.tokens().isEmpty()) {
      throw new UnusableInputException("--tokens: the model takes no tokens; name images");
    }
    if (!images.isEmpty()) {
      throw new UnusableInputException("--tokens: stands for the images; leave --image out");
    }
  }
}
