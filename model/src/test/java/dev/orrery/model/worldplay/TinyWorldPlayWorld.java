package dev.orrery.model.worldplay;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.model.camera.PoseString;
import dev.orrery.model.session.Action;
import dev.orrery.model.session.LatentDecoder;
import dev.orrery.model.session.MemoryPlan;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.Start;
import dev.orrery.model.session.TinyWorld;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.session.WorldSession;
import dev.orrery.model.taehv.TinyTaehv;
import dev.orrery.model.text.EncodedPrompt;
import dev.orrery.runtime.media.RgbImage;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;

/** A tiny model with a prompt, whose camera comes back to where it was. */
record TinyWorldPlayWorld(Path folder, EncodedPrompt prompt, boolean isPlayedEverywhere)
    implements TinyWorld {
  /** Writes the model. */
  static TinyWorldPlayWorld in(Path folder) throws Exception {
    TinyWorldPlay.write(folder);
    try (Backend backend = CpuBackend.simd(1)) {
      EncodedPrompt prompt =
          WorldPlay.open(folder).prompts().orElseThrow().encode("castle", backend, Progress.NONE);
      return new TinyWorldPlayWorld(folder, prompt, true);
    }
  }

  /** Writes a model that has two decoders. */
  static TinyWorldPlayWorld in(Path folder, LatentDecoder used) throws Exception {
    TinyWorldPlayWorld own = in(folder);
    TinyTaehv.addTo(folder, "taew2_2", TinyTaehv.config(6, 2), used);
    return new TinyWorldPlayWorld(folder, own.prompt, false);
  }

  @Override
  public MemoryPlan plan() {
    return WorldPlay.open(folder).plan(PlanningBackend.cpu());
  }

  @Override
  public WorldModel load(Backend backend) {
    return WorldPlay.load(folder, backend, Progress.NONE);
  }

  @Override
  public WorldSession start(WorldModel model) {
    List<RgbImage> image = List.of(TinyWorldPlay.picture());
    return model.start(new Start(image, Optional.of(prompt), 1), Progress.NONE);
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
