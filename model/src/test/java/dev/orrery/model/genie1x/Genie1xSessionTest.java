package dev.orrery.model.genie1x;

import dev.orrery.model.session.FrameByFrameTest;
import dev.orrery.model.session.SyntheticWorld;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Sessions of 1xgpt. */
class Genie1xSessionTest extends FrameByFrameTest {

  @TempDir static Path folder;

  private static SyntheticWorld tiny;

  @BeforeAll
  static void write() throws Exception {
    tiny = SyntheticWorld.write(Genie1x.FAMILY, folder, "");
  }

  @Override
  protected SyntheticWorld world() {
    return tiny;
  }
}
