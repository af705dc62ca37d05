package dev.orrery.model.matrixgame2;

import dev.orrery.model.session.SavedSessionTest;
import dev.orrery.model.session.TinyWorld;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Forked and resumed sessions of Matrix-Game 2.0. */
class MatrixGame2SavedSessionTest extends SavedSessionTest {
  @TempDir static Path modelFolder;

  private static TinyWorld tiny;

  @BeforeAll
  static void write() throws Exception {
    tiny = TinyMatrixGame2.in(modelFolder);
  }

  @Override
  protected TinyWorld world() {
    return tiny;
  }
}
