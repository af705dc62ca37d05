package dev.orrery.model.worldplayhy;

import dev.orrery.model.family.MomentaryPart;
import dev.orrery.model.hunyuanvae.HunyuanVaeDecoder;
import dev.orrery.model.hunyuanvae.HunyuanVaeEncoder;
import dev.orrery.model.wan.WanFrameDecoder;

/**
 * The networks that a session needs.
 *
 * @param transformer predicts velocities
 * @param encoder pixels to latents; only a start needs it
 * @param frames latents to pixels: the decoder of the autoencoder, or a tiny one
 * @param picture says what a picture shows
 */
record WorldPlayHyNetworks(
    WorldPlayHyTransformer transformer,
    MomentaryPart<HunyuanVaeEncoder> encoder,
    WanFrameDecoder.Network frames,
    PictureStates picture) {
  /**
   * An autoencoder.
   *
   * @param encoder only a start needs it
   * @param decoder latents to pixels
   */
  record Vae(MomentaryPart<HunyuanVaeEncoder> encoder, HunyuanVaeDecoder decoder) {}
}
