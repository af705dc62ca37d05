package dev.orrery.model.worldplay;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.session.NetworkWeights;
import dev.orrery.model.session.Progress;
import dev.orrery.model.umt5.EncodedPrompt;
import dev.orrery.model.umt5.EncoderDigest;
import dev.orrery.model.umt5.PromptEncoder;
import dev.orrery.model.umt5.Umt5Config;
import dev.orrery.model.umt5.Umt5Encoder;
import dev.orrery.model.umt5.UnigramTokenizer;
import dev.orrery.runtime.checkpoint.Checkpoint;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.checkpoint.PlannedTensors;
import dev.orrery.runtime.checkpoint.TensorSource;
import dev.orrery.runtime.checkpoint.Weights;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The text encoder of a model's folder, which is as large as the model and only there while a
 * prompt is encoded:
 *
 * <pre>
 * text_encoder/config.json
 * text_encoder/model.safetensors, or model.safetensors.index.json with its shards
 * tokenizer/tokenizer.json
 * </pre>
 */
final class TextEncoder {
  private static final String FOLDER = "text_encoder";
  private static final String WEIGHTS = "model";

  private TextEncoder() {}

  /** Whether a model's folder has one. */
  static boolean exists(Path folder) {
    return Files.isDirectory(folder.resolve(FOLDER));
  }

  /**
   * Encodes a prompt and lets the encoder go.
   *
   * @throws CheckpointException if a file is missing or invalid
   */
  static EncodedPrompt encode(Path folder, String prompt, Backend backend, Progress progress) {
    Path tokenizerFile = tokenizer(folder);
    UnigramTokenizer tokenizer = UnigramTokenizer.read(tokenizerFile);
    Umt5Config config = config(folder);
    try (Checkpoint weights = weights(folder);
        TensorArena arena = backend.newArena()) {
      int megabytes = (int) Math.max(1, weights.byteSize() >> 20);
      weights.load(
          bytes -> progress.report("loading the text encoder", (int) (bytes >> 20), megabytes));
      Umt5Encoder encoder = build(config, weights, backend, arena);
      String digest = EncoderDigest.of(weights, tokenizerFile);
      return promptEncoder(folder, tokenizer, encoder, backend, digest).encode(prompt);
    }
  }

  private static PromptEncoder promptEncoder(
      Path folder,
      UnigramTokenizer tokenizer,
      Umt5Encoder encoder,
      Backend backend,
      String digest) {
    try {
      return new PromptEncoder(tokenizer, encoder, backend, digest, PromptEncoder.WAN_TOKENS);
    } catch (IllegalArgumentException e) {
      throw new CheckpointException(folder.toString(), e.getMessage(), e);
    }
  }

  /**
   * Requires that a prompt was encoded by the encoder of a folder.
   *
   * @param file where the prompt was read from
   * @throws CheckpointException if it was not
   */
  static void check(Path folder, EncodedPrompt prompt, Path file) {
    try (Checkpoint weights = weights(folder)) {
      prompt.requireEncoder(file, EncoderDigest.of(weights, tokenizer(folder)));
    }
  }

  /** Bytes that encoding a prompt takes, the mapped weights included where they are used. */
  static long plannedBytes(Path folder, PlanningBackend backend) {
    Umt5Config config = config(folder);
    try (Checkpoint weights = weights(folder);
        TensorArena arena = backend.newArena()) {
      Umt5Encoder encoder = build(config, PlannedTensors.like(weights), backend, arena);
      long workspace =
          encoder.workspaceBytes(PromptEncoder.WAN_TOKENS, backend.computeTypes().transformer());
      return (backend.usesHostMemory() ? weights.byteSize() : 0) + arena.byteSize() + workspace;
    }
  }

  /** The encoder as tools read it. */
  static NetworkWeights network(Path folder) {
    Umt5Config config = config(folder);
    return new NetworkWeights(
        "text encoder",
        Checkpoint.path(folder.resolve(FOLDER), WEIGHTS),
        (source, backend, arena) -> build(config, source, backend, arena));
  }

  private static Umt5Encoder build(
      Umt5Config config, TensorSource source, Backend backend, TensorArena arena) {
    Weights weights = Weights.of(source);
    Umt5Encoder encoder =
        new Umt5Encoder(Parameters.ofTransformer(weights, backend, arena), config);
    weights.finish();
    return encoder;
  }

  private static Umt5Config config(Path folder) {
    return Umt5Config.of(JsonValue.read(folder.resolve(FOLDER).resolve("config.json")));
  }

  private static Checkpoint weights(Path folder) {
    return Checkpoint.find(folder.resolve(FOLDER), WEIGHTS);
  }

  private static Path tokenizer(Path folder) {
    return folder.resolve("tokenizer").resolve("tokenizer.json");
  }
}
