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

  /**
   * Takes the weights of both and keeps those of the encoder: for models whose frames another
   * decoder makes. This one's are checked, and it cannot be run.
   */
  public static Vae encoding(Parameters p, VaeConfig config) {
    return new Vae(new VaeEncoder(p, config), new VaeDecoder(p.planned(), config));
  }
}
