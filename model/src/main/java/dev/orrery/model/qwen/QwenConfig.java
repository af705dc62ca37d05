package dev.orrery.model.qwen;

import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.JsonValue;

/**
 * Sizes of the language part of Qwen2.5-VL.
 *
 * @param vocabulary rows of the embedding table
 * @param dim channels of a token
 * @param heads attention heads of queries
 * @param keyHeads attention heads of keys and values, a divisor of {@code heads}
 * @param hidden channels of the feed-forward layers
 * @param layers number of layers of the whole model, more than {@link #UNREAD_LAYERS}
 * @param eps added to mean squares under the root
 * @param theta base of the rotary frequencies
 * @param halfFrequencies whether these are rounded to half precision, as they are in the reference,
 *     which converts the whole model to it; the world models have learned from such features
 */
public record QwenConfig(
    int vocabulary,
    int dim,
    int heads,
    int keyHeads,
    int hidden,
    int layers,
    double eps,
    double theta,
    boolean halfFrequencies) {
  /** Layers at the end whose output is not asked for. */
  public static final int UNREAD_LAYERS = 2;

  /** The key of {@link #halfFrequencies} in a {@code config.json}, which no released one has. */
  private static final String HALF_FREQUENCIES = "half_rotary_frequencies";

  public QwenConfig {
    boolean fits =
        vocabulary > 0
            && dim > 0
            && heads > 0
            && dim % (2 * heads) == 0
            && keyHeads > 0
            && heads % keyHeads == 0
            && hidden > 0
            && layers > UNREAD_LAYERS
            && eps > 0
            && theta > 1;
    if (!fits) {
      throw new IllegalArgumentException(
          "text encoder: expected positive sizes, dim a multiple of twice the heads, heads a"
              + " multiple of the key heads and three layers or more, found vocabulary "
              + vocabulary
              + ", dim "
              + dim
              + ", heads "
              + heads
              + ", key heads "
              + keyHeads
              + ", hidden "
              + hidden
              + ", layers "
              + layers
              + ", eps "
              + eps
              + ", theta "
              + theta);
    }
  }

  /** Qwen2.5-VL-7B. */
  public static QwenConfig released() {
    return new QwenConfig(152064, 3584, 28, 4, 18944, 28, 1e-6, 1e6, true);
  }

  /**
   * Reads the {@code config.json} that lies beside a released model; newer ones keep the sizes of
   * the language part under {@code text_config}.
   *
   * @throws CheckpointException naming the value that does not fit
   */
  public static QwenConfig of(JsonValue json) {
    JsonValue sizes = json.has("text_config") ? json.get("text_config") : json;
    try {
      return new QwenConfig(
          sizes.integer("vocab_size"),
          sizes.integer("hidden_size"),
          sizes.integer("num_attention_heads"),
          sizes.integer("num_key_value_heads"),
          sizes.integer("intermediate_size"),
          sizes.integer("num_hidden_layers"),
          sizes.number("rms_norm_eps", 1e-6),
          sizes.number("rope_theta", 1e6),
          json.bool(HALF_FREQUENCIES, true));
    } catch (IllegalArgumentException e) {
      throw new CheckpointException(json.source(), e.getMessage(), e);
    }
  }

  /** Channels of a head. */
  public int headDim() {
    return dim / heads;
  }

  /** Layers that are run. */
  public int readLayers() {
    return layers - UNREAD_LAYERS;
  }
}
