package dev.orrery.weights.quantize;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.model.family.ModelFolder;
import dev.orrery.model.session.Action;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.SessionComparison;
import dev.orrery.model.session.Start;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.session.WorldSession;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.weights.compare.SampleStart;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Plays a model and its quantised form side by side, see {@link SampleStart}.
 *
 * @param folder of the model as it was
 * @param model the model in it
 */
public record Calibration(Path folder, ModelFolder model) {
  private SampleStart sample() {
    return new SampleStart(folder, model);
  }

  /**
   * Requires that the model's folder has what a session starts from.
   *
   * @throws CheckpointException naming what is missing
   * @throws IOException if the folder cannot be read
   */
  public void requireStart() throws IOException {
    sample().require();
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
    // A prompt is encoded by the original: the file of the other is the same.
    Start start = sample().read(backend, progress);
    Action held = sample().action();
    try (WorldModel expected = model.load(backend, progress);
        WorldModel actual = quantised.load(backend, progress);
        WorldSession expectedSession = expected.start(start, progress);
        WorldSession actualSession = actual.start(start, progress)) {
      return SessionComparison.between(
          expectedSession, actualSession, backend, frame -> held, chunks, progress);
    }
  }
}
