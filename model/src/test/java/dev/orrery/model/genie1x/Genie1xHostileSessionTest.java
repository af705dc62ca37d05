package dev.orrery.model.genie1x;

import dev.orrery.model.session.HostileSessionTest;
import dev.orrery.model.session.SyntheticWorld;
import dev.orrery.model.session.TinyWorld;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that are no saved sessions of 1xgpt. */
class Genie1xHostileSessionTest extends HostileSessionTest {
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

  @Test
  void idsAreOfTheVocabulary() {
    assertRefused(
        "generator.context.ids",
        Float.intBitsToFloat(64),
        "generator.context.ids: expected 0 to 63, found 64 at 0");
  }
}
