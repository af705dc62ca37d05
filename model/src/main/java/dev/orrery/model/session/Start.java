package dev.orrery.model.session;

import dev.orrery.model.text.EncodedPrompt;
import dev.orrery.runtime.media.RgbImage;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What a world starts from. The same start and actions give the same bytes.
 *
 * @param images images of any size, oldest first; none for a world that is made up
 * @param tokens token ids in place of the images, for models that take them
 * @param prompt describes the world, for models that take a prompt
 * @param seed chooses one of the possible worlds
 */
public record Start(
    List<RgbImage> images,
    Optional<TokenFrames> tokens,
    Optional<EncodedPrompt> prompt,
    long seed) {
  public Start {
    images.forEach(image -> Objects.requireNonNull(image, "image"));
    images = List.copyOf(images);
    Objects.requireNonNull(tokens, "tokens");
    Objects.requireNonNull(prompt, "prompt");
  }

  /** A start without tokens. */
  public Start(List<RgbImage> images, Optional<EncodedPrompt> prompt, long seed) {
    this(images, Optional.empty(), prompt, seed);
  }

  /** A start from one image. */
  public static Start of(RgbImage image, long seed) {
    Objects.requireNonNull(image, "image");
    return of(List.of(image), seed);
  }

  /** A start from images, oldest first. */
  public static Start of(List<RgbImage> images, long seed) {
    return new Start(images, Optional.empty(), seed);
  }

  /** A start from token ids. */
  public static Start of(TokenFrames tokens, long seed) {
    Objects.requireNonNull(tokens, "tokens");
    return new Start(List.of(), Optional.of(tokens), Optional.empty(), seed);
  }

  /** A start from a prompt alone. */
  public static Start of(EncodedPrompt prompt, long seed) {
    Objects.requireNonNull(prompt, "prompt");
    return new Start(List.of(), Optional.of(prompt), seed);
  }

  /** The same with a prompt. */
  public Start prompted(EncodedPrompt words) {
    return new Start(images, tokens, Optional.of(words), seed);
  }
}
