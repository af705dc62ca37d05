package dev.orrery.model.vae;

import dev.orrery.model.layers.Parameters;

/**
 * The video autoencoder of Wan 2.1, both ways.
 *
 * @param encoder pixels to latents
 * @param decoder latents to pixels
 */
public record Vae(VaeEncoder encoder, VaeDecoder decoder) {
  /** Takes the weights of both. */
  public static Vae of(Parameters p, VaeConfig config) {
    return new Vae(new VaeEncoder(p, config), new VaeDecoder(p, config));
  }
}
