package dev.orrery.cli;

import dev.orrery.cli.command.UnusableInputException;
import dev.orrery.model.family.StartFiles;
import dev.orrery.model.session.StartRequirements;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** What a world is started from, but its prompt: images, or their tokens. */
final class StartOptions {
  @Option(
      names = "--image",
      paramLabel = "FILE|DIR",
      description =
          "Image to start from: PNG, JPEG, WebP, GIF or BMP of any size; it is brought into the size"
              + " of the video. For models that start from several, oldest first: once for each, or"
              + " a folder of numbered PNG files. The video begins with the first frame that is"
              + " made, behind them. Default: start.png of the model's folder, or its folder start;"
              + " with a prompt none.")
  private List<Path> images = List.of();

  @Option(
      names = "--tokens",
      paramLabel = "FILE.safetensors",
      description =
          "Token ids to start from instead of images, for models that take them: a tensor tokens"
              + " [frames, rows, columns]. Default: start.safetensors of the model's folder.")
  private Path tokens;

  /**
   * The files to start from; none for a world that is made up.
   *
   * @param folder of the model
   * @param described whether the user gave a prompt
   * @throws UnusableInputException if the model needs some and there is none
   */
  StartFiles files(Path folder, StartRequirements requirements, boolean described)
      throws IOException {
    if (tokens != null) {
      refuseTokens(requirements);
      return StartFiles.ofTokens(tokens);
    }
    if (!images.isEmpty()) {
      return StartFiles.ofImages(images);
    }
    boolean needed = requirements.images().least() > 0;
    if (!needed && described) {
      return StartFiles.none();
    }
    Optional<StartFiles> stored = StartFiles.stored(folder, requirements);
    if (stored.isEmpty() && needed) {
      throw new UnusableInputException(
          folder
              + ": has no "
              + StartFiles.storedNames(requirements)
              + " to begin with; name "
              + (requirements.images().most() == 1 ? "an image" : "images")
              + " with --image"
              + (requirements.tokens().isPresent() ? ", or tokens with --tokens" : ""));
    }
    return stored.orElseGet(StartFiles::none);
  }

  private void refuseTokens(StartRequirements requirements) {
    if (requirements.tokens().isEmpty()) {
      throw new UnusableInputException("--tokens: the model takes no tokens; name images");
    }
    if (!images.isEmpty()) {
      throw new UnusableInputException("--tokens: stands for the images; leave --image out");
    }
  }
}
