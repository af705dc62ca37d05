package dev.orrery.model.worldplay;

import dev.orrery.model.vae22.Vae22;

/**
 * The networks that a session needs.
 *
 * @param transformer predicts velocities
 * @param vae pixels to latents and back
 */
record WorldPlayNetworks(WorldPlayTransformer transformer, Vae22 vae) {}
