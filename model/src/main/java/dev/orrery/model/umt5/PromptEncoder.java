package dev.orrery.model.umt5;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.t5.T5Encoder;
import dev.orrery.model.text.EncodedPrompt;
import dev.orrery.model.text.Tokens;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.memory.WorkspaceSize;
import dev.orrery.runtime.trace.Trace;
import java.lang.foreign.MemorySegment;
import java.util.Map;

/**
 * From a prompt to its features.
 *
 * <pre>
 * prompt ─ clean ─ tokenize, cut to the limit ─ encoder ─ features [L, dim]
 * </pre>
 */
public final class PromptEncoder {
  /** Tokens that networks of the Wan family look at, the end token counted. */
  public static final int WAN_TOKENS = 512;

  /** Name of the tensor in an encoded prompt. */
  public static final String FEATURES = "features";

  private final UnigramTokenizer tokenizer;
  private final T5Encoder encoder;
  private final Backend backend;
  private final String digest;
  private final int limit;

  /**
   * @param backend where the encoder runs
   * @param digest of the encoder, see {@link dev.orrery.model.text.EncoderDigest}
   * @param limit the most tokens of a prompt, the end token counted
   * @throws IllegalArgumentException if the encoder lacks tokens of the tokenizer
   */
  public PromptEncoder(
      UnigramTokenizer tokenizer, T5Encoder encoder, Backend backend, String digest, int limit) {
    int known = encoder.config().vocabulary();
    if (tokenizer.vocabulary() > known) {
      throw new IllegalArgumentException(
          "tokenizer: expected at most "
              + known
              + " tokens as the encoder has, found "
              + tokenizer.vocabulary());
    }
    this.tokenizer = tokenizer;
    this.encoder = encoder;
    this.backend = backend;
    this.digest = digest;
    this.limit = limit;
  }

  /** Encodes a prompt; what exceeds the limit is dropped, with a warning in the result. */
  public EncodedPrompt encode(String prompt) {
    Tokens tokens = tokenizer.tokenize(PromptCleaner.clean(prompt), limit);
    try (TensorArena arena = backend.newArena()) {
      Tensor features =
          arena.empty(
              backend.computeTypes().transformer(), tokens.ids().length, encoder.config().dim());
      WorkspaceSize size = encoder.workspaceSize(tokens.ids().length, features.dtype());
      encoder.forward(tokens.ids(), Workspace.of(arena, size), features, Trace.NONE);
      byte[] copy = new byte[Math.toIntExact(features.byteSize())];
      Tensor host = Tensor.host(features.dtype(), features.shape(), MemorySegment.ofArray(copy));
      backend.copy(features, host);
      return new EncodedPrompt(prompt, digest, tokens.warning("prompt"), Map.of(FEATURES, host));
    }
  }
}
