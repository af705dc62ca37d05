package dev.orrery.model.matrixgame2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.model.session.ActionScript;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.SessionStateTest;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.session.WorldSession;
import dev.orrery.runtime.media.RgbImage;
import dev.orrery.runtime.memory.SessionState;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The state of a session is all that the next chunk depends on. */
class MatrixGame2StateTest extends SessionStateTest {
  private static final int ROWS = 16;
  private static final int COLUMNS = 16;

  @TempDir static Path folder;

  @BeforeAll
  static void writeModel() throws Exception {
    new TinyModel(Variant.UNIVERSAL, ROWS, COLUMNS).write(folder);
  }

  @Override
  protected void assertGoOnAlike(Backend opened, int[] chunks) throws Exception {
    try (Backend backend = opened;
        WorldModel model = MatrixGame2.load(folder, backend, Progress.NONE)) {
      ActionScript script =
          ActionScript.parse(
              "w*12 w+l*9 q*6 a+i*20 s+j*30 d*50 k*100 w+a*99", model.actionSpace().controls());
      // The noise of a seed is addressed by chunk, so a copy needs the same seed.
      assertGoOnAlike(
          backend,
          other -> model.start(image(other ? 200 : 90), 1, Progress.NONE),
          script::at,
          chunks);
    }
  }

  private static RgbImage image(int grey) {
    byte[] rgb = new byte[3 * ROWS * COLUMNS];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) (grey + i % 50);
    }
    return new RgbImage(COLUMNS, ROWS, rgb);
  }

  @Test
  void theStateOfAnotherModelIsRefused(@TempDir Path other) throws Exception {
    new TinyModel(Variant.UNIVERSAL, ROWS, 2 * COLUMNS).write(other);
    try (Backend backend = CpuBackend.simd(2);
        WorldModel model = MatrixGame2.load(folder, backend, Progress.NONE);
        WorldModel wider = MatrixGame2.load(other, backend, Progress.NONE);
        WorldSession session = model.start(image(90), 1, Progress.NONE);
        WorldSession foreign = wider.start(image(90), 1, Progress.NONE)) {
      session.step(model.actionSpace().controls().action(Set.of("w")));
      SessionState state = SessionState.capture(backend, session);
      IllegalArgumentException refused =
          assertThrows(IllegalArgumentException.class, () -> state.restore(backend, foreign));
      assertEquals(
          "generator.transformer.block0.actions.mouse.keys: expected F32[3, 2, 2, 12],"
              + " found F32[3, 1, 2, 12]",
          refused.getMessage());
    }
  }
}
