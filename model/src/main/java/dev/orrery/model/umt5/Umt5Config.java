package dev.orrery.model.umt5;

import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.JsonValue;

/**
 * Sizes of a UMT5 encoder.
 *
 * @param vocabulary rows of the embedding table
 * @param dim channels of a token
 * @param heads attention heads
 * @param headDim channels of a head; heads times headDim need not be dim
 * @param hidden channels of the feed-forward layers
 * @param layers number of blocks
 * @param buckets rows of the tables of relative biases, a multiple of 4
 * @param maxDistance tokens from which on all distances share a bucket, above buckets / 4
 * @param eps added to mean squares under the root
 */
public record Umt5Config(
    int vocabulary,
    int dim,
    int heads,
    int headDim,
    int hidden,
    int layers,
    int buckets,
    int maxDistance,
    double eps) {
  public Umt5Config {
    boolean fits =
        vocabulary > 0
            && dim > 0
            && heads > 0
            && headDim > 0
            && hidden > 0
            && layers > 0
            && buckets > 0
            && buckets % 4 == 0
            && maxDistance > buckets / 4
            && eps > 0;
    if (!fits) {
      throw new IllegalArgumentException(
          "text encoder: expected positive sizes, buckets a multiple of 4 and a largest distance"
              + " above a quarter of them, found vocabulary "
              + vocabulary
              + ", dim "
              + dim
              + ", heads "
              + heads
              + ", head dim "
              + headDim
              + ", hidden "
              + hidden
              + ", layers "
              + layers
              + ", buckets "
              + buckets
              + ", largest distance "
              + maxDistance
              + ", eps "
              + eps);
    }
  }

  /** UMT5-XXL, the text encoder of the Wan family. */
  public static Umt5Config xxl() {
    return new Umt5Config(256384, 4096, 64, 64, 10240, 24, 32, 128, 1e-6);
  }

  /**
   * Reads the {@code config.json} that lies beside a released encoder.
   *
   * @throws CheckpointException naming the value that does not fit
   */
  public static Umt5Config of(JsonValue json) {
    try {
      return new Umt5Config(
          json.integer("vocab_size"),
          json.integer("d_model"),
          json.integer("num_heads"),
          json.integer("d_kv"),
          json.integer("d_ff"),
          json.integer("num_layers"),
          json.integer("relative_attention_num_buckets", 32),
          json.integer("relative_attention_max_distance", 128),
          json.number("layer_norm_epsilon", 1e-6));
    } catch (IllegalArgumentException e) {
      throw new CheckpointException(json.source(), e.getMessage(), e);
    }
  }
}
