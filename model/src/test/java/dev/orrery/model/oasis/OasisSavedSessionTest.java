package dev.orrery.model.oasis;

import dev.orrery.model.session.SavedSessionTest;
import dev.orrery.model.session.SyntheticWorld;
import dev.orrery.model.session.TinyWorld;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Forked and resumed sessions of Oasis. */
class OasisSavedSessionTest extends SavedSessionTest {
  @TempDir static Path modelFolder;

  private static TinyWorld tiny;

  @BeforeAll
  static void write() throws Exception {
    tiny = SyntheticWorld.write(Oasis.FAMILY, modelFolder, OasisSessionTest.SCRIPT);
  }

  @Override
  protected TinyWorld world() {
    return tiny;
  }
}
