package dev.orrery.model.vid2world;

import dev.orrery.model.session.SavedSessionTest;
import dev.orrery.model.session.TinyWorld;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Forked and resumed sessions of a robot. */
class GrowingWindowSavedSessionTest extends SavedSessionTest {
  @TempDir static Path modelFolder;

  private static TinyWorld tiny;

  @BeforeAll
  static void write() throws IOException {
    tiny = GrowingWindowSessionTest.robot(modelFolder);
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
