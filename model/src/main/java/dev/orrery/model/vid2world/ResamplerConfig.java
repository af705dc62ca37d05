package dev.orrery.model.vid2world;

import dev.orrery.runtime.checkpoint.JsonValue;

/**
 * Sizes of the resampler.
 *
 * @param imageDim channels of the image's tokens that go in
 * @param dim channels inside
 * @param depth layers
 * @param heads attention heads
 * @param headDim channels of an attention head
 * @param tokens that come out
 * @param contextDim channels of a token that comes out
 */
record ResamplerConfig(
    int imageDim, int dim, int depth, int heads, int headDim, int tokens, int contextDim) {
  /** Beyond every released size; keeps their products ints. */
  private static final int MOST = 1 << 12;

  /**
   * Reads the sizes, under the names of the reference's constructor; what is missing is as
   * released.
   *
   * @param imageDim channels of the image encoder
   * @param contextDim channels that the U-Net expects
   * @throws dev.orrery.runtime.checkpoint.CheckpointException if a size is not positive
   */
  static ResamplerConfig read(JsonValue json, int imageDim, int contextDim) {
    return new ResamplerConfig(
        imageDim,
        positive(json, "dim", 1024),
        positive(json, "depth", 4),
        positive(json, "heads", 12),
        positive(json, "dim_head", 64),
        Math.multiplyExact(positive(json, "num_queries", 16), positive(json, "video_length", 16)),
        contextDim);
  }

  private static int positive(JsonValue json, String key, int released) {
    int value = json.has(key) ? json.positive(key) : released;
    if (value > MOST) {
      throw json.get(key).unexpected("at most " + MOST);
    }
    return value;
  }
}
