package dev.orrery.model.jafar;

import dev.orrery.model.session.HostileSessionTest;
import dev.orrery.model.session.SyntheticWorld;
import dev.orrery.model.session.TinyWorld;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that are no saved sessions of jafar. */
class JafarHostileSessionTest extends HostileSessionTest {
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

  @Test
  void actionsAndIdsAreThoseOfTheModel() {
    assertRefused(
        "generator.actions.ids",
        Float.intBitsToFloat(6),
        "generator.actions.ids: expected 0 to 5, found 6 at 0");
    assertRefused(
        "generator.context.ids",
        Float.intBitsToFloat(-1),
        "generator.context.ids: expected 0 to 31, found -1 at 0");
  }
}
