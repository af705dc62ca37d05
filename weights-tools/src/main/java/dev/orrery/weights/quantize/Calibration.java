package dev.orrery.weights.quantize;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.model.matrixgame2.MatrixGame2;
import dev.orrery.model.session.Action;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.SessionComparison;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.session.WorldSession;
import dev.orrery.model.umt5.EncodedPrompt;
import dev.orrery.model.worldplay.WorldPlay;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.media.RgbImage;
import dev.orrery.weights.Family;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * Plays a model and its quantised form side by side, with the first key held: Matrix-Game 2.0 from
 * the image in the model's folder, WorldPlay from its prompt or one of ours.
 */
public final class Calibration {
  private static final String START = "start.png";
  private static final String PROMPT = "prompt.safetensors";
  private static final String WORDS = "A castle by a lake, seen from a path through a meadow";
  private static final long SEED = 42;

  private Calibration() {}

  /**
   * Requires that a model's folder has what a session starts from.
   *
   * @throws CheckpointException naming what is missing
   */
  public static void requireStart(Path model) {
    boolean fits =
        switch (Family.of(model)) {
          case MATRIX_GAME_2 -> Files.exists(model.resolve(START));
          case WORLDPLAY_WAN5B ->
              Files.exists(model.resolve(PROMPT)) || Files.exists(model.resolve("text_encoder"));
        };
    if (!fits) {
      throw new CheckpointException(
          model.toString(),
          "expected something to start from ("
              + (Family.of(model) == Family.MATRIX_GAME_2 ? START : PROMPT + " or text_encoder")
              + "), found nothing");
    }
  }

  /**
   * Compares two models of one family.
   *
   * @param original the model as it was
   * @param quantised the same with fewer bits
   * @param backend where both run, and have to fit at once
   * @param chunks chunks of video to make
   * @throws CheckpointException if a model cannot be loaded
   * @throws IOException if the start image cannot be read
   */
  public static List<SessionComparison> compare(
      Path original, Path quantised, Backend backend, int chunks, Progress progress)
      throws IOException {
    if (Family.of(original) == Family.MATRIX_GAME_2) {
      RgbImage image = RgbImage.read(original.resolve(START));
      try (WorldModel expected = MatrixGame2.load(original, backend, progress);
          WorldModel actual = MatrixGame2.load(quantised, backend, progress);
          WorldSession expectedSession = expected.start(image, SEED, progress);
          WorldSession actualSession = actual.start(image, SEED, progress)) {
        return compare(expected, expectedSession, actualSession, backend, chunks, progress);
      }
    }
    // Encoded by the original: the file of the other is the same.
    Path file = original.resolve(PROMPT);
    EncodedPrompt prompt =
        Files.exists(file)
            ? WorldPlay.readPrompt(original, file)
            : WorldPlay.encodePrompt(original, WORDS, backend, progress);
    try (WorldPlay expected = WorldPlay.load(original, backend, progress);
        WorldPlay actual = WorldPlay.load(quantised, backend, progress);
        WorldSession expectedSession = expected.start(null, prompt, SEED, progress);
        WorldSession actualSession = actual.start(null, prompt, SEED, progress)) {
      return compare(expected, expectedSession, actualSession, backend, chunks, progress);
    }
  }

  private static List<SessionComparison> compare(
      WorldModel model,
      WorldSession expected,
      WorldSession actual,
      Backend backend,
      int chunks,
      Progress progress) {
    char key = model.controls().keys().keySet().iterator().next();
    Action held = model.controls().action(Set.of(key));
    return SessionComparison.between(expected, actual, backend, frame -> held, chunks, progress);
  }
}
