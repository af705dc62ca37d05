package dev.orrery.model.worldplayhy;

import dev.orrery.model.session.SavedSessionTest;
import dev.orrery.model.session.TinyWorld;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Forked and resumed sessions of WorldPlay-8B. */
class WorldPlayHySavedSessionTest extends SavedSessionTest {
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
