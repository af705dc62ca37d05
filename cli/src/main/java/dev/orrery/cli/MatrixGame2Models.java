package dev.orrery.cli;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.model.matrixgame2.MatrixGame2;
import dev.orrery.model.session.Controls;
import dev.orrery.model.session.MemoryPlan;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.WorldModel;
import java.nio.file.Path;

/** Matrix-Game 2.0, the only family so far. */
final class MatrixGame2Models implements Models {
  @Override
  public WorldModel load(Path folder, Backend backend, Progress progress) {
    return MatrixGame2.load(folder, backend, progress);
  }

  @Override
  public Controls controls(Path folder) {
    return MatrixGame2.controls(folder);
  }

  @Override
  public MemoryPlan plan(Path folder, PlanningBackend backend) {
    return MatrixGame2.plan(folder, backend);
  }
}
