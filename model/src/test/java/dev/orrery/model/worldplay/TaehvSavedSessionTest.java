package dev.orrery.model.worldplay;

import dev.orrery.model.session.LatentDecoder;
import dev.orrery.model.session.SavedSessionTest;
import dev.orrery.model.session.TinyWorld;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Forked and resumed sessions of WorldPlay whose frames TAEHV makes: what it remembers too. */
class TaehvSavedSessionTest extends SavedSessionTest {
  @TempDir static Path modelFolder;

  private static TinyWorld tiny;

  @BeforeAll
  static void write() throws Exception {
    tiny = TinyWorldPlayWorld.in(modelFolder, LatentDecoder.TAEHV);
  }

  @Override
  protected TinyWorld world() {
    return tiny;
  }
}
