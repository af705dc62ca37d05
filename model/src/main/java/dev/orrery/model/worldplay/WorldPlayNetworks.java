package dev.orrery.model.worldplay;

import dev.orrery.model.vae22.Vae22Encoder;
import dev.orrery.model.wan.WanFrameDecoder;

/**
 * The networks that a session needs.
 *
 * @param transformer predicts velocities
 * @param encoder pixels to latents
 * @param frames latents to pixels: the decoder of the autoencoder, or a tiny one
 */
record WorldPlayNetworks(
    WorldPlayTransformer transformer, Vae22Encoder encoder, WanFrameDecoder.Network frames) {}
