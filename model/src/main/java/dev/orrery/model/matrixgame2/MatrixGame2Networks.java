package dev.orrery.model.matrixgame2;

import dev.orrery.model.clip.ImageEncoder;
import dev.orrery.model.vae.VaeEncoder;
import dev.orrery.model.wan.WanFrameDecoder;

/**
 * The networks that a session needs.
 *
 * @param transformer predicts velocities
 * @param encoder pixels to latents
 * @param frames latents to pixels: the decoder of the autoencoder, or a tiny one
 * @param imageEncoder the start image's tokens
 */
record MatrixGame2Networks(
    MatrixGame2Transformer transformer,
    VaeEncoder encoder,
    WanFrameDecoder.Network frames,
    ImageEncoder imageEncoder) {}
