package dev.orrery.model.oasis;

/**
 * The networks that a session needs.
 *
 * @param transformer predicts velocities
 * @param vae images to latents and back
 */
record OasisNetworks(OasisTransformer transformer, OasisVae vae) {}
