package dev.orrery.model.vid2world;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.klvae.KlVaeDecoder;
import dev.orrery.model.klvae.KlVaeEncoder;

/**
 * The networks that a session needs.
 *
 * @param unet predicts velocities
 * @param encoder pictures to latents
 * @param decoder latents to pictures
 * @param context tokens of a window's first picture
 * @param text tokens of the empty prompt, {@code [77, C]}, of the dtype of the U-Net's activations
 */
record Vid2WorldNetworks(
    VideoUnet unet,
    KlVaeEncoder encoder,
    KlVaeDecoder decoder,
    ImageContext context,
    Tensor text) {}
