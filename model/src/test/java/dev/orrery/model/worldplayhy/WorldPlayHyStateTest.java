package dev.orrery.model.worldplayhy;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.SessionStateTest;
import dev.orrery.model.session.WorldModel;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** The state of a session, remembered frames included, is all that the next chunk depends on. */
class WorldPlayHyStateTest extends SessionStateTest {
  @TempDir static Path folder;

  private static TinyWorldPlayHyWorld tiny;

  @BeforeAll
  static void write() throws Exception {
    tiny = new TinyWorldPlayHyWorld(folder);
    // One step, as there are many chunks on every backend.
    TinyWorldPlayHy.write(folder, TinyWorldPlayHy.GUIDED.replace("\"steps\": 2", "\"steps\": 1"));
  }

  @Override
  protected void assertGoOnAlike(Backend opened, int[] chunks) throws Exception {
    try (Backend backend = opened;
        WorldModel model = tiny.load(backend)) {
      assertGoOnAlike(
          backend,
          other -> model.start(TinyWorldPlayHyWorld.begin(other ? 2 : 1, 1), Progress.NONE),
          tiny.actions(model),
          chunks);
    }
  }
}
