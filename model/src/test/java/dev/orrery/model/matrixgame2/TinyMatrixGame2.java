package dev.orrery.model.matrixgame2;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.model.session.Action;
import dev.orrery.model.session.ActionScript;
import dev.orrery.model.session.MemoryPlan;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.TinyWorld;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.session.WorldSession;
import dev.orrery.runtime.media.RgbImage;
import java.nio.file.Path;
import java.util.function.IntFunction;

/** A tiny model whose caches roll from the third chunk on. */
record TinyMatrixGame2(Path folder) implements TinyWorld {
  private static final int SIDE = 16;

  /** Writes the model. */
  static TinyMatrixGame2 in(Path folder) throws Exception {
    new TinyModel(Variant.UNIVERSAL, SIDE, SIDE).write(folder);
    return new TinyMatrixGame2(folder);
  }

  @Override
  public MemoryPlan plan() {
    return MatrixGame2.open(folder).plan(PlanningBackend.cpu());
  }

  @Override
  public WorldModel load(Backend backend) {
    return MatrixGame2.load(folder, backend, Progress.NONE);
  }

  @Override
  public WorldSession start(WorldModel model) {
    byte[] rgb = new byte[3 * SIDE * SIDE];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) (90 + i % 50);
    }
    return model.start(new RgbImage(SIDE, SIDE, rgb), 1, Progress.NONE);
  }

  @Override
  public IntFunction<Action> actions(WorldModel model) {
    return ActionScript.parse(
            "w*12 w+l*9 q*6 a+i*20 s+j*30 d*50 k*100 w+a*99", model.actionSpace().controls())
        ::at;
  }
}
