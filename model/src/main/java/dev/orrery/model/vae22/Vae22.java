package dev.orrery.model.vae22;

import dev.orrery.model.layers.Parameters;

/**
 * The video autoencoder of Wan 2.2, both ways.
 *
 * @param encoder pixels to latents
 * @param decoder latents to pixels
 */
public record Vae22(Vae22Encoder encoder, Vae22Decoder decoder) {
  /** Takes the weights of both. */
  public static Vae22 of(Parameters p, Vae22Config config) {
    return new Vae22(new Vae22Encoder(p, config), new Vae22Decoder(p, config));
  }

  /**
   * Takes the weights of both and keeps those of the encoder: for models whose frames another
   * decoder makes. This one's are checked, and it cannot be run.
   */
  public static Vae22 encoding(Parameters p, Vae22Config config) {
    return new Vae22(new Vae22Encoder(p, config), new Vae22Decoder(p.planned(), config));
  }
}
