package dev.orrery.model.jafar;

import dev.orrery.model.session.StreamedSessionTest;
import dev.orrery.model.session.TinyWorld;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Frames of jafar whose frames are seen as the tokens of their pixels, as soon as they exist. */
class RetokenisedStreamedSessionTest extends StreamedSessionTest {
  @TempDir static Path modelFolder;

  private static TinyWorld tiny;

  @BeforeAll
  static void write() throws Exception {
    tiny = JafarSessionTest.retokenised(modelFolder);
  }

  @Override
  protected TinyWorld world() {
    return tiny;
  }
}
