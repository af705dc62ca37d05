package dev.orrery.model.session;

import dev.orrery.model.text.EncodedPrompt;
import dev.orrery.runtime.media.RgbImage;
import java.util.List;
import java.util.Optional;

/**
 * What a world starts from. The same start and actions give the same bytes.
 *
 * @param images images of any size, oldest first; none for a world that is made up
 * @param prompt describes the world, for models that take a prompt
 * @param seed chooses one of the possible worlds
 */
public record Start(List<RgbImage> images, Optional<EncodedPrompt> prompt, long seed) {
  public Start {
    images = List.copyOf(images);
  }

  /** A start from one image. */
  public static Start of(RgbImage image, long seed) {
    return new Start(List.of(image), Optional.empty(), seed);
  }

  /** A start from a prompt alone. */
  public static Start of(EncodedPrompt prompt, long seed) {
    return new Start(List.of(), Optional.of(prompt), seed);
  }
}
