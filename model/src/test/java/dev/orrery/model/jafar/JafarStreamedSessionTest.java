package dev.orrery.model.jafar;

import dev.orrery.model.session.StreamedSessionTest;
import dev.orrery.model.session.SyntheticWorld;
import dev.orrery.model.session.TinyWorld;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Frames of jafar, as soon as they exist. */
class JafarStreamedSessionTest extends StreamedSessionTest {
  @TempDir static Path modelFolder;

  private static TinyWorld tiny;

  @BeforeAll
  static void write() throws Exception {
    tiny = SyntheticWorld.write(Jafar.FAMILY, modelFolder, JafarSessionTest.SCRIPT);
  }

  @Override
  protected TinyWorld world() {
    return tiny;
  }
}
