package dev.orrery.model.worldplay;

import dev.orrery.model.session.StreamedSessionTest;
import dev.orrery.model.session.TinyWorld;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Frames of WorldPlay, as soon as they exist. */
class WorldPlayStreamedSessionTest extends StreamedSessionTest {
  @TempDir static Path modelFolder;

  private static TinyWorld tiny;

  @BeforeAll
  static void write() throws Exception {
    tiny = TinyWorldPlayWorld.in(modelFolder);
  }

  @Override
  protected TinyWorld world() {
    return tiny;
  }
}
