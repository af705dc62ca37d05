package dev.orrery.model.worldplayhy;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.model.camera.PoseString;
import dev.orrery.model.session.Action;
import dev.orrery.model.session.MemoryPlan;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.Start;
import dev.orrery.model.session.TinyWorld;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.session.WorldSession;
import dev.orrery.model.worldplay.CameraMotion;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;

/** A tiny model, whose camera comes back to where it was. */
record TinyWorldPlayHyWorld(Path folder) implements TinyWorld {
  /** Writes the model. */
  static TinyWorldPlayHyWorld in(Path folder) throws Exception {
    TinyWorldPlayHy.write(folder);
    return new TinyWorldPlayHyWorld(folder);
  }

  static Start begin(long prompt, long seed) {
    return new Start(
        List.of(TinyWorldPlayHy.picture()), Optional.of(TinyWorldPlayHy.prompt(prompt)), seed);
  }

  @Override
  public MemoryPlan plan() {
    return WorldPlayHy.open(folder).plan(PlanningBackend.cpu());
  }

  @Override
  public WorldModel load(Backend backend) {
    return WorldPlayHy.load(folder, backend, Progress.NONE);
  }

  @Override
  public WorldSession start(WorldModel model) {
    return model.start(begin(1, 1), Progress.NONE);
  }

  @Override
  public IntFunction<Action> actions(WorldModel model) {
    return model
        .actionSpace()
        .camera()
        .orElseThrow()
        .along(
            CameraMotion.path(
                PoseString.parse("w-20, right-30, d-20, left-30, s-20, right-20, a-30")));
  }
}
