package dev.orrery.model.jafar;

import dev.orrery.model.session.SavedSessionTest;
import dev.orrery.model.session.SyntheticWorld;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Forked and resumed sessions of jafar whose frames are seen as the tokens of their pixels. */
class RetokenisedSavedSessionTest extends SavedSessionTest {
  @TempDir static Path modelFolder;

  private static SyntheticWorld tiny;

  @BeforeAll
  static void write() throws Exception {
    tiny = JafarSessionTest.retokenised(modelFolder);
  }

  @Override
  protected SyntheticWorld world() {
    return tiny;
  }
}
