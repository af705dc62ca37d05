package dev.orrery.model.vid2world;

import dev.orrery.model.session.StreamedSessionTest;
import dev.orrery.model.session.TinyWorld;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Frames of a robot, as soon as they exist. */
class GrowingWindowStreamedSessionTest extends StreamedSessionTest {
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
}
