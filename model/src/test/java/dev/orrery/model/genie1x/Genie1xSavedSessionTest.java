package dev.orrery.model.genie1x;

import dev.orrery.model.session.SavedSessionTest;
import dev.orrery.model.session.SyntheticWorld;
import dev.orrery.model.session.TinyWorld;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Forked and resumed sessions of 1xgpt. */
class Genie1xSavedSessionTest extends SavedSessionTest {
  @TempDir static Path modelFolder;

  private static TinyWorld tiny;

  @BeforeAll
  static void write() throws Exception {
    tiny = SyntheticWorld.write(Genie1x.FAMILY, modelFolder, "");
  }

  @Override
  protected TinyWorld world() {
    return tiny;
  }

  /** The start is a few ids on the host. */
  @Override
  protected boolean sharesMemory() {
    return false;
  }
}
