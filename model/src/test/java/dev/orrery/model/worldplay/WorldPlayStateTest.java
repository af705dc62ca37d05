package dev.orrery.model.worldplay;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.model.camera.CameraPath;
import dev.orrery.model.camera.PoseString;
import dev.orrery.model.family.Prompts;
import dev.orrery.model.session.Action;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.SessionStateTest;
import dev.orrery.model.session.Start;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.text.EncodedPrompt;
import dev.orrery.runtime.media.RgbImage;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** The state of a session, remembered frames included, is all that the next chunk depends on. */
class WorldPlayStateTest extends SessionStateTest {
  /** There and back again, so that old chunks are seen again. */
  private static final CameraPath PATH =
      CameraMotion.path(PoseString.parse("w-20, right-30, d-20, left-30, s-20, right-20, a-30"));

  @TempDir static Path folder;

  private static EncodedPrompt castle;
  private static EncodedPrompt lake;

  @BeforeAll
  static void writeModel() throws Exception {
    TinyWorldPlay.write(folder);
    Prompts prompts = WorldPlay.open(folder).prompts().orElseThrow();
    try (Backend backend = CpuBackend.simd(1)) {
      castle = prompts.encode("castle", backend, Progress.NONE);
      lake = prompts.encode("lake", backend, Progress.NONE);
    }
  }

  @Override
  protected void assertGoOnAlike(Backend opened, int[] chunks) throws Exception {
    try (Backend backend = opened;
        WorldModel model = WorldPlay.load(folder, backend, Progress.NONE)) {
      IntFunction<Action> actions = model.actionSpace().camera().orElseThrow().along(PATH);
      List<RgbImage> image = List.of(TinyWorldPlay.picture());
      assertGoOnAlike(
          backend,
          other ->
              model.start(
                  other
                      ? new Start(List.of(), Optional.of(lake), 1)
                      : new Start(image, Optional.of(castle), 1),
                  Progress.NONE),
          actions,
          chunks);
    }
  }
}
