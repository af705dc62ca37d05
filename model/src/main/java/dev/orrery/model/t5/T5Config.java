package dev.orrery.model.t5;

import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.JsonValue;

/**
 * Sizes of a T5 encoder.
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
 * @param sharedBiases whether the relative biases of the first block are those of all; otherwise
 *     every block has its own
 */
public record T5Config(
    int vocabulary,
    int dim,
    int heads,
    int headDim,
    int hidden,
    int layers,
    int buckets,
    int maxDistance,
    double eps,
    boolean sharedBiases) {
  public T5Config {
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
  public static T5Config umt5Xxl() {
    return new T5Config(256384, 4096, 64, 64, 10240, 24, 32, 128, 1e-6, false);
  }

  /**
   * Reads the {@code config.json} that lies beside a released encoder.
   *
   * @param sharedBiases which of the two kinds it is; T5's is true, UMT5's false
   * @throws CheckpointException naming the value that does not fit
   */
  public static T5Config of(JsonValue json, boolean sharedBiases) {
    try {
      return new T5Config(
          json.integer("vocab_size"),
          json.integer("d_model"),
          json.integer("num_heads"),
          json.integer("d_kv"),
          json.integer("d_ff"),
          json.integer("num_layers"),
          json.integer("relative_attention_num_buckets", 32),
          json.integer("relative_attention_max_distance", 128),
          json.number("layer_norm_epsilon", 1e-6),
          sharedBiases);
    } catch (IllegalArgumentException e) {
      throw new CheckpointException(json.source(), e.getMessage(), e);
    }
  }
}
