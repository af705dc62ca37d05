package dev.orrery.model.genie1x;

import dev.orrery.model.session.StreamedSessionTest;
import dev.orrery.model.session.SyntheticWorld;
import dev.orrery.model.session.TinyWorld;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Frames of 1xgpt, as soon as they exist. */
class Genie1xStreamedSessionTest extends StreamedSessionTest {
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
}
