package dev.orrery.model.vid2world;

import dev.orrery.model.session.SavedSessionTest;
import dev.orrery.model.session.SyntheticWorld;
import dev.orrery.model.session.TinyWorld;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Forked and resumed sessions of Vid2World. */
class Vid2WorldSavedSessionTest extends SavedSessionTest {
  @TempDir static Path modelFolder;

  private static TinyWorld tiny;

  @BeforeAll
  static void write() throws Exception {
    tiny = SyntheticWorld.write(Vid2World.FAMILY, modelFolder, Vid2WorldSessionTest.SCRIPT);
  }

  @Override
  protected TinyWorld world() {
    return tiny;
  }

  @Override
  protected boolean answersAtOnce() {
    return false;
  }
}
