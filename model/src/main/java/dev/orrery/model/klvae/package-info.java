/**
 * The autoencoder of pictures of latent diffusion and what descends from it: eight pixels along
 * each side become one of four channels, and the encoder says how sure it is of each.
 */
package dev.orrery.model.klvae;
