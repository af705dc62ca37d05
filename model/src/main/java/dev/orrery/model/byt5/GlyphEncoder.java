package dev.orrery.model.byt5;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.t5.T5Config;
import dev.orrery.model.t5.T5Encoder;
import dev.orrery.model.text.Tokens;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.memory.WorkspaceSize;
import dev.orrery.runtime.trace.Trace;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * ByT5-small as Glyph-SDXL-v2 trained it: from the letters of quoted texts to what they look like.
 * It computes in fp32, as the reference does.
 */
public final class GlyphEncoder {
  /** The most tokens, the end token counted. */
  public static final int TOKENS = 256;

  private static final T5Config RELEASED =
      new T5Config(1510, 1472, 6, 64, 3584, 12, 32, 128, 1e-6, true);

  private final T5Encoder encoder;
  private final Backend backend;

  /**
   * Reads the weights.
   *
   * @param p at the root of the checkpoint: of an encoder saved by itself, as it was released, or
   *     of a model whose encoder lies under {@code encoder}, as it is when converted
   */
  public GlyphEncoder(Parameters p, T5Config config) {
    backend = p.backend();
    Parameters fp32 = p.beside(DType.F32);
    encoder =
        p.has("encoder") ? T5Encoder.ofModel(fp32, config) : T5Encoder.ofEncoder(fp32, config);
  }

  /**
   * The sizes of an encoder: those of its {@code config.json} if there is one. What was released
   * has none that tells them, since its embeddings have more rows than those of ByT5.
   */
  public static T5Config config(Path file) {
    return Files.exists(file) ? T5Config.of(JsonValue.read(file), true) : RELEASED;
  }

  /** Channels of a token. */
  public int dim() {
    return encoder.config().dim();
  }

  /**
   * Encodes tokens.
   *
   * @return {@code [L, dim]} on the host, fp32, a row for each token
   */
  public Tensor encode(Tokens tokens) {
    int count = tokens.ids().length;
    float[] values = new float[Math.multiplyExact(count, dim())];
    Tensor host = Tensor.host(DType.F32, Shape.of(count, dim()), MemorySegment.ofArray(values));
    try (TensorArena arena = backend.newArena()) {
      Tensor features = arena.empty(DType.F32, count, dim());
      Workspace workspace = Workspace.of(arena, workspaceSize(count));
      encoder.forward(tokens.ids(), workspace, features, Trace.NONE);
      backend.copy(features, host);
    }
    return host;
  }

  /** The workspace that so many tokens take. */
  public WorkspaceSize workspaceSize(int tokens) {
    return encoder.workspaceSize(tokens, DType.F32);
  }
}
