package dev.orrery.model.oasis;

import dev.orrery.model.session.FrameByFrameTest;
import dev.orrery.model.session.SyntheticWorld;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Sessions of Oasis. */
class OasisSessionTest extends FrameByFrameTest {
  static final String SCRIPT = "w*2 w+look-x=0.25*2 space*3 shift+a*10 3+look-y=-1*9 use*30 q*9";

  @TempDir static Path folder;

  private static SyntheticWorld tiny;

  @BeforeAll
  static void write() throws Exception {
    tiny = SyntheticWorld.write(Oasis.FAMILY, folder, SCRIPT);
  }

  @Override
  protected SyntheticWorld world() {
    return tiny;
  }
}
