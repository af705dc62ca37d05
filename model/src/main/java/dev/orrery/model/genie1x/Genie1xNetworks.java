package dev.orrery.model.genie1x;

import dev.orrery.model.layers.Parameters;
import dev.orrery.model.magvit2.Magvit2Config;
import dev.orrery.model.magvit2.Magvit2Decoder;
import dev.orrery.model.magvit2.Magvit2Encoder;

/**
 * The networks that a session needs.
 *
 * @param transformer predicts tokens
 * @param tokenizer images to tokens and back
 */
record Genie1xNetworks(StMaskGit transformer, Magvit2 tokenizer) {
  /**
   * Both halves of the tokenizer.
   *
   * @param encoder pixels to features
   * @param decoder signs to pixels
   */
  record Magvit2(Magvit2Encoder encoder, Magvit2Decoder decoder) {
    /** Takes the tensors {@code encoder.*} and {@code decoder.*}. */
    Magvit2(Parameters p, Magvit2Config config) {
      this(new Magvit2Encoder(p, config), new Magvit2Decoder(p, config));
    }
  }
}
