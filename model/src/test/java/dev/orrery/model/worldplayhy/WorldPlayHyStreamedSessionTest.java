package dev.orrery.model.worldplayhy;

import dev.orrery.model.session.StreamedSessionTest;
import dev.orrery.model.session.TinyWorld;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Frames of WorldPlay-8B, as soon as they exist. */
class WorldPlayHyStreamedSessionTest extends StreamedSessionTest {
  @TempDir static Path modelFolder;

  private static TinyWorld tiny;

  @BeforeAll
  static void write() throws Exception {
    tiny = TinyWorldPlayHyWorld.in(modelFolder);
  }

  @Override
  protected TinyWorld world() {
    return tiny;
  }
}
