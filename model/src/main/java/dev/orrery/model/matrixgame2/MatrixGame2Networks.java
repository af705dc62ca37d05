package dev.orrery.model.matrixgame2;

import dev.orrery.model.clip.ImageEncoder;
import dev.orrery.model.vae.Vae;

/**
 * The networks that a session needs.
 *
 * @param transformer predicts velocities
 * @param vae pixels to latents and back
 * @param imageEncoder the start image's tokens
 */
record MatrixGame2Networks(
    MatrixGame2Transformer transformer, Vae vae, ImageEncoder imageEncoder) {}
