package dev.orrery.cli;

import dev.orrery.cli.command.UnusableInputException;
import dev.orrery.model.family.ModelFolder;
import dev.orrery.model.session.LatentDecoder;
import picocli.CommandLine.Option;

/** Which decoder makes a model's frames. */
final class DecoderOption {
  private static final String NAME = "--decoder";

  @Option(
      names = NAME,
      paramLabel = "vae|taehv",
      description =
          "What makes the frames: vae, the decoder that the model was released with, or taehv, a tiny"
              + " one that is many times faster and softer, for Matrix-Game 2.0 and WorldPlay. Its"
              + " weights come from elsewhere; docs/models tells how. Default: what the model's"
              + " config.json says, which is vae if it says nothing.")
  private LatentDecoder decoder;

  /** Whether the user chose one. */
  boolean isGiven() {
    return decoder != null;
  }

  /**
   * The model with the decoder that the user chose, if any.
   *
   * @throws UnusableInputException if it cannot have that one
   */
  ModelFolder of(ModelFolder opened) {
    return decoder == null ? opened : with(opened, decoder, NAME + ": ");
  }

  /**
   * The model with a decoder.
   *
   * @param what asks for it, for messages
   * @throws UnusableInputException if it cannot have that one
   */
  static ModelFolder with(ModelFolder opened, LatentDecoder wanted, String what) {
    try {
      return opened.withDecoder(wanted);
    } catch (IllegalArgumentException e) {
      throw new UnusableInputException(what + e.getMessage(), e);
    }
  }
}
