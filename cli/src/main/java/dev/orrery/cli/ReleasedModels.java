package dev.orrery.cli;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.model.matrixgame2.MatrixGame2;
import dev.orrery.model.session.Controls;
import dev.orrery.model.session.MemoryPlan;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.umt5.EncodedPrompt;
import dev.orrery.model.worldplay.WorldPlay;
import java.nio.file.Path;

/**
 * All families. A folder whose {@code config.json} does not name WorldPlay is taken for one of
 * Matrix-Game 2.0, whose released configurations do not name their family.
 */
final class ReleasedModels implements Models {
  @Override
  public WorldModel load(Path folder, Backend backend, Progress progress) {
    return WorldPlay.isModel(folder)
        ? WorldPlay.load(folder, backend, progress)
        : MatrixGame2.load(folder, backend, progress);
  }

  @Override
  public Controls controls(Path folder) {
    return WorldPlay.isModel(folder) ? WorldPlay.controls(folder) : MatrixGame2.controls(folder);
  }

  @Override
  public MemoryPlan plan(Path folder, PlanningBackend backend) {
    return WorldPlay.isModel(folder)
        ? WorldPlay.plan(folder, backend)
        : MatrixGame2.plan(folder, backend);
  }

  @Override
  public EncodedPrompt encodePrompt(
      Path folder, String prompt, Backend backend, Progress progress) {
    return WorldPlay.encodePrompt(folder, prompt, backend, progress);
  }

  @Override
  public EncodedPrompt storedPrompt(Path folder) {
    return WorldPlay.storedPrompt(folder);
  }

  @Override
  public EncodedPrompt readPrompt(Path folder, Path file) {
    return WorldPlay.readPrompt(folder, file);
  }
}
