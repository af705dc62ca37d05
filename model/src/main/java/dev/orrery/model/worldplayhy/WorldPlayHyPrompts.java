package dev.orrery.model.worldplayhy;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.family.FolderPrompts;
import dev.orrery.model.family.NetworkWeights;
import dev.orrery.model.session.Progress;
import dev.orrery.model.text.EncodedPrompt;
import dev.orrery.runtime.checkpoint.CheckpointException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The prompts of a model's folder. An encoded prompt has the states of the text, those of quoted
 * text if there is any, and for models with guidance those of a negative prompt:
 *
 * <pre>
 * text [n, 3584], glyph [m, 1472], negative.text [k, 3584]     no padding
 * </pre>
 */
final class WorldPlayHyPrompts extends FolderPrompts {
  static final String TEXT = "text";
  static final String GLYPHS = "glyph";
  static final String NEGATIVE = "negative.text";

  /** The most tokens of a prompt. */
  static final int TEXT_TOKENS = 1000;

  /** The most tokens of quoted text. */
  static final int GLYPH_TOKENS = 256;

  private final WorldPlayHyConfig config;
  private final PromptEncoders encoders;

  WorldPlayHyPrompts(Path folder, WorldPlayHyConfig config) {
    super(folder);
    this.config = config;
    encoders =
        new PromptEncoders(folder, config.dit().states().text(), config.dit().states().glyph());
  }

  @Override
  public boolean canEncode() {
    return encoders.isComplete();
  }

  /** The encoders that there are, as tools read them. */
  List<NetworkWeights<?>> networks() {
    return encoders.networks();
  }

  /** Bytes that encoding a prompt takes. */
  long plannedBytes(PlanningBackend backend) {
    return canEncode() ? encoders.plannedBytes(backend) : 0;
  }

  @Override
  public boolean takesNegative() {
    return config.sampler().guided();
  }

  @Override
  public EncodedPrompt encode(String text, Backend backend, Progress progress) {
    Optional<String> negative = takesNegative() ? Optional.of("") : Optional.empty();
    return encoders.encode(text, negative, backend, progress);
  }

  @Override
  public EncodedPrompt encode(String text, String negative, Backend backend, Progress progress) {
    if (!takesNegative()) {
      return super.encode(text, negative, backend, progress);
    }
    return encoders.encode(text, Optional.of(negative), backend, progress);
  }

  @Override
  public EncodedPrompt read(Path file) {
    EncodedPrompt prompt = EncodedPrompt.load(file);
    try {
      check(prompt, config);
    } catch (IllegalArgumentException e) {
      throw new CheckpointException(file.toString(), e.getMessage(), e);
    }
    encoders.requireMadeHere(prompt, file);
    return prompt;
  }

  /**
   * Requires that a prompt has the states that a transformer takes.
   *
   * @throws IllegalArgumentException saying what was expected and found
   */
  static void check(EncodedPrompt prompt, WorldPlayHyConfig config) {
    int channels = config.dit().states().text();
    check(prompt, TEXT, TEXT_TOKENS, channels);
    if (prompt.tensors().containsKey(GLYPHS)) {
      check(prompt, GLYPHS, GLYPH_TOKENS, config.dit().states().glyph());
    }
    if (config.sampler().guided()) {
      check(prompt, NEGATIVE, TEXT_TOKENS, channels);
    }
  }

  private static void check(EncodedPrompt prompt, String name, int most, int channels) {
    Tensor states = prompt.tensor(name);
    if (states.size(0) > most || states.size(1) != channels) {
      throw new IllegalArgumentException(
          "prompt: expected "
              + name
              + " of at most "
              + most
              + " tokens of "
              + channels
              + " channels, found "
              + states.shape());
    }
  }
}
