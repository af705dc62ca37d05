package dev.orrery.weights.quantize;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.model.family.ModelFolder;
import dev.orrery.model.family.Prompts;
import dev.orrery.model.family.StartFiles;
import dev.orrery.model.session.Action;
import dev.orrery.model.session.Controls;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.SessionComparison;
import dev.orrery.model.session.Start;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.session.WorldSession;
import dev.orrery.model.text.EncodedPrompt;
import dev.orrery.runtime.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Plays a model and its quantised form side by side, with the first key held: from the images or
 * tokens in the model's folder if the model needs any, and from its prompt or one of ours if it
 * takes prompts.
 *
 * @param folder of the model as it was
 * @param model the model in it
 */
public record Calibration(Path folder, ModelFolder model) {
  private static final String WORDS = "A castle by a lake, seen from a path through a meadow";
  private static final long SEED = 42;

  private boolean needsStart() {
    return model.startRequirements().images().least() > 0;
  }

  private Optional<StartFiles> storedStart() throws IOException {
    return StartFiles.stored(folder, model.startRequirements());
  }

  /**
   * Requires that the model's folder has what a session starts from.
   *
   * @throws CheckpointException naming what is missing
   * @throws IOException if the folder cannot be read
   */
  public void requireStart() throws IOException {
    if (needsStart() && storedStart().isEmpty()) {
      throw missing(StartFiles.storedNames(model.startRequirements()));
    }
    if (model
        .prompts()
        .filter(prompts -> !prompts.hasStored() && !prompts.canEncode())
        .isPresent()) {
      throw missing("an encoded prompt or a text encoder");
    }
  }

  private CheckpointException missing(String what) {
    return new CheckpointException(
        folder.toString(), "expected something to start from (" + what + "), found nothing");
  }

  /**
   * Compares the model with another one of its family.
   *
   * @param quantised the same with fewer bits
   * @param backend where both run, and have to fit at once
   * @param chunks chunks of video to make
   * @throws CheckpointException if a model cannot be loaded
   * @throws IOException if the start images cannot be read
   */
  public List<SessionComparison> compare(
      ModelFolder quantised, Backend backend, int chunks, Progress progress) throws IOException {
    StartFiles files = needsStart() ? storedStart().orElseThrow() : StartFiles.none();
    Start unprompted = files.read(model.startRequirements(), SEED);
    // Encoded by the original: the file of the other is the same.
    Optional<EncodedPrompt> prompt =
        model.prompts().map(prompts -> prompt(prompts, backend, progress));
    Start start = prompt.map(unprompted::prompted).orElse(unprompted);
    try (WorldModel expected = model.load(backend, progress);
        WorldModel actual = quantised.load(backend, progress);
        WorldSession expectedSession = expected.start(start, progress);
        WorldSession actualSession = actual.start(start, progress)) {
      Controls controls = model.actionSpace().controls();
      Set<String> first = controls.keys().keySet().stream().limit(1).collect(Collectors.toSet());
      Action held = controls.action(first);
      return SessionComparison.between(
          expectedSession, actualSession, backend, frame -> held, chunks, progress);
    }
  }

  private static EncodedPrompt prompt(Prompts prompts, Backend backend, Progress progress) {
    return prompts.hasStored() ? prompts.stored() : prompts.encode(WORDS, backend, progress);
  }
}
