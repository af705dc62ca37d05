package dev.orrery.weights.compare;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.model.family.ModelFolder;
import dev.orrery.model.family.StartFiles;
import dev.orrery.model.session.Action;
import dev.orrery.model.session.Controls;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.Start;
import dev.orrery.model.text.EncodedPrompt;
import dev.orrery.runtime.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How a model is played without being told how: from the images or tokens in its folder if it needs
 * any, and from its prompt or one of ours if it takes prompts, with the first key held.
 *
 * @param folder of the model
 * @param model the model in it
 */
public record SampleStart(Path folder, ModelFolder model) {
  private static final String WORDS = "A castle by a lake, seen from a path through a meadow";
  private static final long SEED = 42;

  private boolean needsFiles() {
    return model.startRequirements().images().least() > 0;
  }

  private Optional<StartFiles> storedFiles() throws IOException {
    return StartFiles.stored(folder, model.startRequirements());
  }

  /**
   * Requires that the model's folder has what a session starts from.
   *
   * @throws CheckpointException naming what is missing
   * @throws IOException if the folder cannot be read
   */
  public void require() throws IOException {
    if (needsFiles() && storedFiles().isEmpty()) {
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
   * Reads what is there, and encodes a prompt where that is needed: before the model is loaded.
   *
   * @param backend encodes it
   * @throws IOException if images cannot be read
   */
  public Start read(Backend backend, Progress progress) throws IOException {
    StartFiles files = needsFiles() ? storedFiles().orElseThrow() : StartFiles.none();
    Start unprompted = files.read(model.startRequirements(), SEED);
    Optional<EncodedPrompt> prompt =
        model
            .prompts()
            .map(
                prompts ->
                    prompts.hasStored()
                        ? prompts.stored()
                        : prompts.encode(WORDS, backend, progress));
    return prompt.map(unprompted::prompted).orElse(unprompted);
  }

  /** The action of every frame. */
  public Action action() {
    Controls controls = model.actionSpace().controls();
    Set<String> first = controls.keys().keySet().stream().limit(1).collect(Collectors.toSet());
    return controls.action(first);
  }
}
