package dev.orrery.model.matrixgame2;

import dev.orrery.model.session.HostileSessionTest;
import dev.orrery.model.session.TinyWorld;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that are no saved sessions of Matrix-Game 2.0. */
class MatrixGame2HostileSessionTest extends HostileSessionTest {
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

  @Test
  void actionsAreFinite() {
    assertRefused(
        "generator.actions.keyboard",
        Float.NaN,
        "generator.actions.keyboard: expected finite values, found NaN at 0");
    assertRefused(
        "generator.actions.mouse",
        Float.NEGATIVE_INFINITY,
        "generator.actions.mouse: expected finite values, found -Infinity at 0");
  }

  /** Two chunks of three frames of one token fill a cache of six. */
  @Test
  void windowsEndWhereTheChunksDo() {
    String self = "generator.transformer.block1.self.";
    assertRefused(self + "localEnd", 7, self + "localEnd: expected 0 to 6, found 7");
    assertRefused(self + "localEnd", 5, self + "localEnd: expected 6, found 5");
    assertRefused(self + "globalEnd", 3, self + "localEnd: expected 3, found 6");
    assertRefused(
        self + "globalEnd",
        7,
        "no session goes on from here: entries [6, 9) neither follow nor repeat the newest ones,"
            + " which end at 7 in a cache of 6 rows");
  }
}
