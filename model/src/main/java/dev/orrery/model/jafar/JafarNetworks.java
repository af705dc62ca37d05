package dev.orrery.model.jafar;

import dev.orrery.model.layers.Parameters;

/**
 * The networks that a session needs. Of the latent action model that is its codes alone, which say
 * what the actions mean.
 *
 * @param tokenizer frames to tokens and back
 * @param dynamics predicts tokens
 */
record JafarNetworks(JafarTokenizer tokenizer, JafarDynamics dynamics) {
  /** Takes the tensors {@code tokenizer.*}, {@code dynamics.*} and {@code lam.vq.codebook}. */
  JafarNetworks(Parameters p, JafarConfig config) {
    this(
        new JafarTokenizer(p.at("tokenizer"), config),
        new JafarDynamics(
            p.at("dynamics"),
            config,
            new Codebook(p.at("lam.vq"), config.actions(), config.codeDim())));
  }
}
