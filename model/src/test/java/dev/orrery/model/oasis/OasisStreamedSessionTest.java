package dev.orrery.model.oasis;

import dev.orrery.model.session.StreamedSessionTest;
import dev.orrery.model.session.SyntheticWorld;
import dev.orrery.model.session.TinyWorld;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Frames of Oasis, as soon as they exist. */
class OasisStreamedSessionTest extends StreamedSessionTest {
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
