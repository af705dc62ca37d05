package dev.orrery.model.worldplayhy;

/**
 * Everything about a model but its weights.
 *
 * @param height rows of a video frame
 * @param width columns of a video frame
 * @param dit the transformer
 * @param sampler how noise becomes latents
 */
record WorldPlayHyConfig(
    int height, int width, WorldPlayHyTransformerConfig dit, WorldPlayHySampler sampler) {
  /** Rows and columns of pixels that a latent has one of. */
  static final int SPATIAL_RATIO = 16;

  /** Rows of a latent. */
  int latentHeight() {
    return height / SPATIAL_RATIO;
  }

  /** Columns of a latent. */
  int latentWidth() {
    return width / SPATIAL_RATIO;
  }
}
