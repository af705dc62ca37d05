package dev.orrery.model.worldplayhy;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.byt5.Byt5Tokens;
import dev.orrery.model.byt5.GlyphEncoder;
import dev.orrery.model.byt5.QuotedTexts;
import dev.orrery.model.family.NetworkWeights;
import dev.orrery.model.family.WeightFiles;
import dev.orrery.model.qwen.BpeTokenizer;
import dev.orrery.model.qwen.ChatTemplate;
import dev.orrery.model.qwen.QwenConfig;
import dev.orrery.model.qwen.QwenTextEncoder;
import dev.orrery.model.qwen.SystemPrompt;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.UnusableStartException;
import dev.orrery.model.t5.T5Config;
import dev.orrery.model.text.EncodedPrompt;
import dev.orrery.model.text.EncoderDigest;
import dev.orrery.model.text.SourceText;
import dev.orrery.model.text.Tokens;
import dev.orrery.runtime.checkpoint.Checkpoint;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.checkpoint.PlannedTensors;
import dev.orrery.runtime.trace.Trace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntConsumer;

/**
 * What reads the prompts of a model: Qwen2.5-VL the text as a whole, ByT5 the letters of what it
 * quotes. Either is only there while it runs. A model's folder:
 *
 * <pre>
 * text_encoder/config.json
 * text_encoder/model.safetensors, or model.safetensors.index.json with its shards
 * tokenizer/vocab.json and merges.txt, or tokenizer.json
 * system_prompt.txt                       see {@link SystemPrompt}
 * glyph_encoder/model.safetensors         may be missing where prompts quote nothing
 * glyph_encoder/config.json               may be missing, see {@link GlyphEncoder#config}
 * </pre>
 */
final class PromptEncoders {
  private static final String TEXT_ENCODER = "text_encoder";
  private static final String GLYPH_ENCODER = "glyph_encoder";
  private static final String SYSTEM_PROMPT = "system_prompt.txt";
  private static final String STAGE = "encoding the prompt";
  private static final String GLYPHS_DIGEST = ", glyphs ";
  private static final String ENCODED_ELSEWHERE =
      "; without it, take a prompt that encode-prompt made where there is one";

  private final Path folder;
  private final int textChannels;
  private final int glyphChannels;

  /**
   * @param folder of the model
   * @param textChannels that the transformer takes of a token of text
   * @param glyphChannels that it takes of a token of quoted text
   */
  PromptEncoders(Path folder, int textChannels, int glyphChannels) {
    this.folder = folder;
    this.textChannels = textChannels;
    this.glyphChannels = glyphChannels;
  }

  /** Whether there is what {@link #encode} needs of every prompt. */
  boolean isComplete() {
    return hasText() && Files.exists(folder.resolve(SYSTEM_PROMPT));
  }

  /** The encoders that there are, as tools read them. */
  List<NetworkWeights<?>> networks() {
    List<NetworkWeights<?>> networks = new ArrayList<>();
    if (hasText()) {
      networks.add(text());
    }
    if (hasGlyphs()) {
      networks.add(glyphs());
    }
    return networks;
  }

  private boolean hasText() {
    return Files.isDirectory(folder.resolve(TEXT_ENCODER));
  }

  private boolean hasGlyphs() {
    return Files.isDirectory(folder.resolve(GLYPH_ENCODER));
  }

  private NetworkWeights<QwenTextEncoder> text() {
    Path at = folder.resolve(TEXT_ENCODER);
    JsonValue json = JsonValue.read(at.resolve("config.json"));
    QwenConfig config = QwenConfig.of(json);
    requireChannels(json.source(), config.dim(), textChannels);
    return new NetworkWeights<>(
        "text encoder",
        WeightFiles.of("text encoder", at, "model"),
        (weights, backend, arena) -> new QwenTextEncoder(weights, config, backend));
  }

  private NetworkWeights<GlyphEncoder> glyphs() {
    Path at = folder.resolve(GLYPH_ENCODER);
    T5Config config = GlyphEncoder.config(at.resolve("config.json"));
    requireChannels(at.toString(), config.dim(), glyphChannels);
    return NetworkWeights.transformer(
        "glyph encoder",
        WeightFiles.of("glyph encoder", at, "model"),
        p -> new GlyphEncoder(p, config));
  }

  private static void requireChannels(String source, int found, int expected) {
    if (found != expected) {
      throw new CheckpointException(
          source,
          "expected an encoder of "
              + expected
              + " channels, as the transformer takes them, found "
              + found);
    }
  }

  /**
   * Encodes a prompt.
   *
   * @param negative what the world is not to be like, for models with guidance; what it quotes is
   *     not encoded
   * @throws CheckpointException if an encoder is missing that the prompt needs, or a file is
   *     invalid
   * @throws UnusableStartException if a text is none
   */
  EncodedPrompt encode(
      String prompt, Optional<String> negative, Backend backend, Progress progress) {
    requireCharacters(prompt);
    negative.ifPresent(PromptEncoders::requireCharacters);
    ChatTemplate template = template();
    QuotedTexts quoted = QuotedTexts.of(prompt);
    if (!quoted.isEmpty() && !hasGlyphs()) {
      throw new CheckpointException(
          folder.toString(),
          "expected "
              + GLYPH_ENCODER
              + " to read what the prompt quotes, found none"
              + ENCODED_ELSEWHERE);
    }
    List<String> warnings = new ArrayList<>();
    quoted.warning(prompt).ifPresent(warnings::add);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    encodeText(template, prompt, negative, backend, progress, tensors, warnings);
    if (!quoted.isEmpty()) {
      Tokens tokens = Byt5Tokens.of(quoted.formatted(), GlyphEncoder.TOKENS);
      tokens.warning("quoted text").ifPresent(warnings::add);
      tensors.put(WorldPlayHyPrompts.GLYPHS, encodeGlyphs(tokens, backend));
    }
    Optional<String> warning =
        warnings.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", warnings));
    return new EncodedPrompt(prompt, digests(tensors, ""), warning, tensors);
  }

  /** Half of a character has no bytes that an encoder could read. */
  private static void requireCharacters(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isHighSurrogate(text.charAt(i))
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
      } else if (Character.isSurrogate(text.charAt(i))) {
        SourceText source = new SourceText(text);
        throw new UnusableStartException(
            "prompt: expected characters, found half of one, "
                + source.quoted(i)
                + ", at "
                + source.place(i));
      }
    }
  }

  private ChatTemplate template() {
    if (!hasText()) {
      throw new CheckpointException(
          folder.toString(),
          "expected "
              + TEXT_ENCODER
              + " to encode the prompt with, found none"
              + ENCODED_ELSEWHERE);
    }
    Path file = folder.resolve(SYSTEM_PROMPT);
    SystemPrompt known = systemPrompt();
    if (!Files.exists(file)) {
      throw new CheckpointException(
          folder.toString(),
          "expected "
              + SYSTEM_PROMPT
              + ", "
              + known.description()
              + ", to encode the prompt with, found none"
              + ENCODED_ELSEWHERE);
    }
    return new ChatTemplate(tokenizer(), known.read(file));
  }

  /** The one that {@code config.json} tells of, for models that were trained with their own. */
  private SystemPrompt systemPrompt() {
    JsonValue settings = JsonValue.read(folder.resolve("config.json"));
    if (!settings.has("system_prompt")) {
      return SystemPrompt.RELEASED;
    }
    JsonValue told = settings.get("system_prompt");
    return new SystemPrompt(told.positive("bytes"), told.string("sha256"));
  }

  private BpeTokenizer tokenizer() {
    return BpeTokenizer.read(folder.resolve("tokenizer"));
  }

  private void encodeText(
      ChatTemplate template,
      String prompt,
      Optional<String> negative,
      Backend backend,
      Progress progress,
      Map<String, Tensor> tensors,
      List<String> warnings) {
    NetworkWeights<QwenTextEncoder> network = text();
    try (Checkpoint weights = network.files().open();
        TensorArena arena = backend.newArena()) {
      QwenTextEncoder encoder = network.build(weights, backend, arena);
      if (template.vocabulary() > encoder.config().vocabulary()) {
        throw new CheckpointException(
            folder.resolve("tokenizer").toString(),
            "expected at most "
                + encoder.config().vocabulary()
                + " tokens as the encoder has, found "
                + template.vocabulary());
      }
      int texts = negative.isPresent() ? 2 : 1;
      int steps = texts * encoder.config().readLayers();
      progress.report(STAGE, 0, steps);
      ChatTemplate.Message message = template.message(prompt);
      message.warning("prompt").ifPresent(warnings::add);
      tensors.put(
          WorldPlayHyPrompts.TEXT,
          states(encoder, template, message, done -> progress.report(STAGE, done, steps)));
      if (negative.isPresent()) {
        ChatTemplate.Message other = template.message(negative.get());
        other.warning("negative prompt").ifPresent(warnings::add);
        tensors.put(
            WorldPlayHyPrompts.NEGATIVE,
            states(
                encoder, template, other, done -> progress.report(STAGE, steps / 2 + done, steps)));
      }
    }
  }

  /** The rows behind what stands before the prompt. */
  private static Tensor states(
      QwenTextEncoder encoder,
      ChatTemplate template,
      ChatTemplate.Message message,
      IntConsumer progress) {
    int[] ids = message.ids();
    Tensor kept = encoder.encode(ids, progress, Trace.NONE).slice(template.start(), ids.length);
    return Tensor.of(kept.toFloats(), kept.shape().extents());
  }

  private Tensor encodeGlyphs(Tokens tokens, Backend backend) {
    NetworkWeights<GlyphEncoder> network = glyphs();
    try (Checkpoint weights = network.files().open();
        TensorArena arena = backend.newArena()) {
      return network.build(weights, backend, arena).encode(tokens);
    }
  }

  /**
   * Requires that the encoders of this folder made a prompt, as far as they are there.
   *
   * @param file where it was read from
   * @throws CheckpointException if others did
   */
  void requireMadeHere(EncodedPrompt prompt, Path file) {
    if (hasText()) {
      prompt.requireEncoder(file, digests(prompt.tensors(), prompt.encoder()));
    }
  }

  /**
   * What says by whom a prompt was encoded.
   *
   * @param tensors of the prompt
   * @param told what its file says, which is believed of an encoder that is not there
   */
  private String digests(Map<String, Tensor> tensors, String told) {
    String digests;
    NetworkWeights<QwenTextEncoder> network = text();
    try (Checkpoint weights = network.files().open()) {
      digests =
          "text "
              + EncoderDigest.of(weights, BpeTokenizer.files(folder.resolve("tokenizer")))
              + ", system prompt "
              + systemPrompt().sha256();
    }
    if (!tensors.containsKey(WorldPlayHyPrompts.GLYPHS)) {
      return digests;
    }
    if (!hasGlyphs()) {
      int at = told.indexOf(GLYPHS_DIGEST);
      return at < 0 ? digests + GLYPHS_DIGEST + "of any encoder" : digests + told.substring(at);
    }
    try (Checkpoint weights = glyphs().files().open()) {
      return digests + GLYPHS_DIGEST + EncoderDigest.of(weights, List.of());
    }
  }

  /** Bytes that encoding a prompt takes, mapped weights included where they are used. */
  long plannedBytes(PlanningBackend backend) {
    long most = 0;
    NetworkWeights<QwenTextEncoder> text = text();
    try (Checkpoint weights = text.files().open();
        TensorArena arena = backend.newArena()) {
      QwenTextEncoder encoder = text.build(PlannedTensors.like(weights), backend, arena);
      int before = Files.exists(folder.resolve(SYSTEM_PROMPT)) ? template().start() : 0;
      most = encoder.plannedBytes(before + ChatTemplate.TOKENS);
    }
    if (hasGlyphs()) {
      NetworkWeights<GlyphEncoder> glyphs = glyphs();
      try (Checkpoint weights = glyphs.files().open();
          TensorArena arena = backend.newArena()) {
        GlyphEncoder encoder = glyphs.build(PlannedTensors.like(weights), backend, arena);
        arena.empty(DType.F32, GlyphEncoder.TOKENS, encoder.dim());
        long workspace = encoder.workspaceSize(GlyphEncoder.TOKENS).bytes(arena.reinterprets());
        long mapped = backend.usesHostMemory() ? weights.byteSize() : 0;
        most = Math.max(most, mapped + arena.byteSize() + workspace);
      }
    }
    return most;
  }
}
