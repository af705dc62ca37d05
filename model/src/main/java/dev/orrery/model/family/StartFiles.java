package dev.orrery.model.family;

import dev.orrery.model.session.Start;
import dev.orrery.model.session.StartRequirements;
import dev.orrery.model.session.TokenFrames;
import dev.orrery.model.session.UnusableStartException;
import dev.orrery.runtime.media.RgbImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The files that a world is started from.
 *
 * @param images of the start, oldest first
 * @param tokens token ids in place of the images
 */
public record StartFiles(List<Path> images, Optional<Path> tokens) {
  private static final String IMAGE = "start.png";
  private static final String IMAGES = "start";
  private static final String TOKENS = "start.safetensors";

  public StartFiles {
    images = List.copyOf(images);
  }

  /** No files at all, for a world that is made up. */
  public static StartFiles none() {
    return new StartFiles(List.of(), Optional.empty());
  }

  /** A file of token ids, see {@link TokenFrames#read}. */
  public static StartFiles ofTokens(Path file) {
    return new StartFiles(List.of(), Optional.of(file));
  }

  /**
   * Images in the order of the arguments, each an image or a folder of them, see {@link
   * NumberedImages}.
   *
   * @throws IOException if a folder cannot be read
   * @throws UnusableStartException if the images of a folder are not one row
   */
  public static StartFiles ofImages(List<Path> filesAndFolders) throws IOException {
    List<Path> images = new ArrayList<>();
    for (Path path : filesAndFolders) {
      if (Files.isDirectory(path)) {
        images.addAll(NumberedImages.in(path));
      } else {
        images.add(path);
      }
    }
    return new StartFiles(images, Optional.empty());
  }

  /**
   * What lies in a model's folder to start from: {@code start.png}, else the numbered images of
   * {@code start/}, else, for models that take tokens, {@code start.safetensors}.
   *
   * @return empty if there is none of them
   */
  public static Optional<StartFiles> stored(Path folder, StartRequirements requirements)
      throws IOException {
    for (String name : List.of(IMAGE, IMAGES)) {
      Path images = folder.resolve(name);
      if (requirements.images().most() > 0 && Files.exists(images)) {
        return Optional.of(ofImages(List.of(images)));
      }
    }
    Path tokens = folder.resolve(TOKENS);
    return requirements.tokens().isPresent() && Files.exists(tokens)
        ? Optional.of(ofTokens(tokens))
        : Optional.empty();
  }

  /** The names that {@link #stored} looks for, for messages. */
  public static String storedNames(StartRequirements requirements) {
    List<String> names = new ArrayList<>();
    if (requirements.images().most() > 0) {
      names.add(IMAGE);
    }
    if (requirements.images().most() > 1) {
      names.add(IMAGES + "/");
    }
    if (requirements.tokens().isPresent()) {
      names.add(TOKENS);
    }
    return String.join(" or ", names);
  }

  /**
   * Reads the files. Their number is checked before.
   *
   * @return a start without a prompt
   * @throws IOException if an image cannot be read
   * @throws UnusableStartException if the model does not take them
   * @throws dev.orrery.runtime.checkpoint.CheckpointException if the tokens cannot be read or are
   *     not the model's
   */
  public Start read(StartRequirements requirements, long seed) throws IOException {
    if (tokens.isPresent()) {
      StartRequirements.Tokens expected =
          requirements
              .tokens()
              .orElseThrow(
                  () -> new UnusableStartException("start: expected no tokens, found some"));
      return Start.of(TokenFrames.read(tokens.get(), expected), seed);
    }
    requirements.checkImages(images.size());
    List<RgbImage> read = new ArrayList<>();
    for (Path file : images) {
      RgbImage image = RgbImage.read(file);
      requirements.check(image);
      read.add(image);
    }
    return Start.of(read, seed);
  }
}
