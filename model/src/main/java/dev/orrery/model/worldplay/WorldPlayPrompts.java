package dev.orrery.model.worldplay;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.model.family.FolderPrompts;
import dev.orrery.model.family.NetworkWeights;
import dev.orrery.model.family.WeightFiles;
import dev.orrery.model.session.Progress;
import dev.orrery.model.t5.T5Config;
import dev.orrery.model.t5.T5Encoder;
import dev.orrery.model.text.EncodedPrompt;
import dev.orrery.model.text.EncoderDigest;
import dev.orrery.model.umt5.PromptEncoder;
import dev.orrery.model.umt5.UnigramTokenizer;
import dev.orrery.runtime.checkpoint.Checkpoint;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.checkpoint.PlannedTensors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The prompts of a model's folder, encoded by a text encoder that is as large as the model and only
 * there while a prompt is encoded:
 *
 * <pre>
 * text_encoder/config.json
 * text_encoder/model.safetensors, or model.safetensors.index.json with its shards
 * tokenizer/tokenizer.json
 * prompt.safetensors                      an encoded prompt
 * </pre>
 */
final class WorldPlayPrompts extends FolderPrompts {
  private static final String ENCODER = "text_encoder";

  private final int channels;

  /**
   * @param channels of the features that the transformer takes
   */
  WorldPlayPrompts(Path folder, int channels) {
    super(folder);
    this.channels = channels;
  }

  @Override
  public boolean canEncode() {
    return Files.isDirectory(folder().resolve(ENCODER));
  }

  /** The encoder as tools read it. */
  NetworkWeights<T5Encoder> network() {
    T5Config config =
        T5Config.of(JsonValue.read(folder().resolve(ENCODER).resolve("config.json")), false);
    return NetworkWeights.transformer(
        "text encoder",
        WeightFiles.of("text encoder", folder().resolve(ENCODER), "model"),
        p -> T5Encoder.ofModel(p, config));
  }

  @Override
  public EncodedPrompt encode(String text, Backend backend, Progress progress) {
    if (!canEncode()) {
      throw new CheckpointException(
          folder().toString(), "expected text_encoder to encode the prompt with, found none");
    }
    UnigramTokenizer tokenizer = UnigramTokenizer.read(tokenizer());
    NetworkWeights<T5Encoder> network = network();
    try (Checkpoint weights = network.files().open();
        TensorArena arena = backend.newArena()) {
      int mebibytes = (int) Math.max(1, weights.byteSize() >> 20);
      weights.load(
          bytes -> progress.report("loading the text encoder", (int) (bytes >> 20), mebibytes));
      T5Encoder encoder = network.build(weights, backend, arena);
      String digest = EncoderDigest.of(weights, List.of(tokenizer()));
      return promptEncoder(tokenizer, encoder, backend, digest).encode(text);
    }
  }

  private PromptEncoder promptEncoder(
      UnigramTokenizer tokenizer, T5Encoder encoder, Backend backend, String digest) {
    try {
      return new PromptEncoder(tokenizer, encoder, backend, digest, PromptEncoder.WAN_TOKENS);
    } catch (IllegalArgumentException e) {
      throw new CheckpointException(folder().toString(), e.getMessage(), e);
    }
  }

  @Override
  public EncodedPrompt read(Path file) {
    EncodedPrompt prompt = EncodedPrompt.load(file);
    if (canEncode()) {
      try (Checkpoint weights = network().files().open()) {
        prompt.requireEncoder(file, EncoderDigest.of(weights, List.of(tokenizer())));
      }
    }
    try {
      checkChannels(prompt, channels);
    } catch (IllegalArgumentException e) {
      throw new CheckpointException(file.toString(), e.getMessage(), e);
    }
    return prompt;
  }

  /**
   * Requires that a prompt has the features that a transformer takes.
   *
   * @throws IllegalArgumentException if not
   */
  static void checkChannels(EncodedPrompt prompt, int expected) {
    int found = prompt.tensor(PromptEncoder.FEATURES).size(1);
    if (found != expected) {
      throw new IllegalArgumentException(
          "prompt: expected features of " + expected + " channels, found " + found);
    }
  }

  /** Bytes that encoding a prompt takes, the mapped weights included where they are used. */
  long plannedBytes(PlanningBackend backend) {
    NetworkWeights<T5Encoder> network = network();
    try (Checkpoint weights = network.files().open();
        TensorArena arena = backend.newArena()) {
      T5Encoder encoder = network.build(PlannedTensors.like(weights), backend, arena);
      long workspace =
          encoder
              .workspaceSize(PromptEncoder.WAN_TOKENS, backend.computeTypes().transformer())
              .bytes(arena.reinterprets());
      return (backend.usesHostMemory() ? weights.byteSize() : 0) + arena.byteSize() + workspace;
    }
  }

  private Path tokenizer() {
    return folder().resolve("tokenizer").resolve("tokenizer.json");
  }
}
