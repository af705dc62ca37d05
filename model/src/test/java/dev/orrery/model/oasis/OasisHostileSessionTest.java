package dev.orrery.model.oasis;

import dev.orrery.model.session.HostileSessionTest;
import dev.orrery.model.session.SyntheticWorld;
import dev.orrery.model.session.TinyWorld;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that are no saved sessions of Oasis. */
class OasisHostileSessionTest extends HostileSessionTest {
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

  @Test
  void framesAreThoseOfTheChunk() {
    assertRefused("generator.remembered", 9, "generator.remembered: expected 0 to 3, found 9");
  }
}
