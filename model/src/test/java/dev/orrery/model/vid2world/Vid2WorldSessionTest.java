package dev.orrery.model.vid2world;

import dev.orrery.model.session.FrameByFrameTest;
import dev.orrery.model.session.SyntheticWorld;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Sessions whose past is pictures. */
class Vid2WorldSessionTest extends FrameByFrameTest {
  static final String SCRIPT = "w*2 w+mouse-x=30*2 space*3 shift+a*10 3+mouse-y=-10*9 r*9";

  @TempDir static Path folder;

  private static SyntheticWorld tiny;

  @BeforeAll
  static void write() throws Exception {
    tiny = SyntheticWorld.write(Vid2World.FAMILY, folder, SCRIPT);
  }

  @Override
  protected SyntheticWorld world() {
    return tiny;
  }

  /** Pictures are encoded for each frame, and guidance lies between the passes of two steps. */
  @Override
  protected boolean reportsEveryGraph() {
    return false;
  }
}
