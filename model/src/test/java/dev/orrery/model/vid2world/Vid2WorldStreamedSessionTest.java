package dev.orrery.model.vid2world;

import dev.orrery.model.session.StreamedSessionTest;
import dev.orrery.model.session.SyntheticWorld;
import dev.orrery.model.session.TinyWorld;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Frames of Vid2World, as soon as they exist. */
class Vid2WorldStreamedSessionTest extends StreamedSessionTest {
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
}
