package dev.orrery.model.worldplayhy;

import dev.orrery.model.family.MomentaryPart;
import dev.orrery.model.hunyuanvae.HunyuanVaeDecoder;
import dev.orrery.model.hunyuanvae.HunyuanVaeEncoder;

/**
 * The networks that a session needs.
 *
 * @param transformer predicts velocities
 * @param vae pixels to latents and back
 * @param picture says what a picture shows
 */
record WorldPlayHyNetworks(WorldPlayHyTransformer transformer, Vae vae, PictureStates picture) {
  /**
   * An autoencoder.
   *
   * @param encoder only a start needs it
   * @param decoder latents to pixels
   */
  record Vae(MomentaryPart<HunyuanVaeEncoder> encoder, HunyuanVaeDecoder decoder) {}
}
