package dev.orrery.model.genie1x;

import dev.orrery.model.magvit2.Magvit2Config;
import dev.orrery.model.sampling.Confidence;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Everything about a model but its weights: the {@code config.json} of a release, which describes
 * the transformer, with settings of ours beside it that all have a default.
 *
 * @param transformer sizes of the transformer
 * @param magvit2 sizes of the tokenizer of images
 * @param promptFrames frames that a world starts from
 * @param sampling how tokens are picked
 */
record Genie1xConfig(
    StMaskGitConfig transformer, Magvit2Config magvit2, int promptFrames, Sampling sampling) {
  static final String FAMILY = "genie-1xgpt";

  /** The file of a folder that says all this. */
  static final String FILE = "config.json";

  private static final int MOST_STEPS = 1000;
  private static final int RELEASED_PROMPT_FRAMES = 8;

  /**
   * How tokens are picked.
   *
   * @param steps passes over a frame
   * @param random whether picks are drawn rather than the most probable ones: at temperature 1,
   *     whatever number above 0 was asked for, as in the reference
   * @param unmask which tokens become known first
   */
  record Sampling(int steps, boolean random, Confidence unmask) {}

  /** Whether a folder has the configuration of a model of this family. Released ones name none. */
  static boolean isModel(Path folder) {
    Path file = folder.resolve(FILE);
    if (!Files.isRegularFile(file)) {
      return false;
    }
    JsonValue json = JsonValue.read(file);
    return json.has("family")
        ? json.string("family").equals(FAMILY)
        : json.has("d_model") && json.has("num_factored_vocabs");
  }

  /**
   * Reads a configuration.
   *
   * @throws CheckpointException naming the value that does not fit
   */
  static Genie1xConfig read(JsonValue json) {
    if (!json.string("family", FAMILY).equals(FAMILY)) {
      throw json.get("family").unexpected(FAMILY);
    }
    StMaskGitConfig transformer = StMaskGitConfig.read(json);
    JsonValue sizes =
        json.has("magvit2")
            ? json.get("magvit2")
            : JsonValue.parse(json.source(), "{}".getBytes(StandardCharsets.US_ASCII));
    Magvit2Config magvit2 = Magvit2Config.read(sizes);
    int vocabulary = transformer.vocabulary().ids();
    if (magvit2.ids() != vocabulary) {
      throw new CheckpointException(
          json.source(),
          "image_vocab_size: expected "
              + magvit2.ids()
              + ", two to the power of the tokenizer's "
              + magvit2.bits()
              + " bits, found "
              + vocabulary);
    }
    int prompt = json.integer("num_prompt_frames", RELEASED_PROMPT_FRAMES);
    if (prompt < 1 || prompt >= transformer.frames()) {
      throw json.get("num_prompt_frames").unexpected("1 to " + (transformer.frames() - 1));
    }
    return new Genie1xConfig(transformer, magvit2, prompt, sampling(json));
  }

  private static Sampling sampling(JsonValue json) {
    int steps = json.integer("steps", 2);
    if (steps < 1 || steps > MOST_STEPS) {
      throw json.get("steps").unexpected("1 to " + MOST_STEPS);
    }
    double temperature = json.number("temperature", 0);
    if (!(temperature >= 0)) {
      throw json.get("temperature").unexpected("0 or more");
    }
    Confidence unmask =
        switch (json.string("unmask", "random")) {
          case "random" -> Confidence.RANDOM;
          case "greedy" -> Confidence.PROBABILITY;
          default -> throw json.get("unmask").unexpected("random or greedy");
        };
    return new Sampling(steps, temperature > 0, unmask);
  }

  /** Pixels of an image along one side. */
  int side() {
    return Math.multiplyExact(transformer.side(), magvit2.ratio());
  }

  /** The same with another number of steps. */
  Genie1xConfig withSteps(int steps) {
    if (steps < 1 || steps > MOST_STEPS) {
      throw new IllegalArgumentException("expected 1 to " + MOST_STEPS + ", found " + steps);
    }
    return new Genie1xConfig(
        transformer, magvit2, promptFrames, new Sampling(steps, sampling.random, sampling.unmask));
  }
}
