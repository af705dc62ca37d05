package dev.orrery.model.jafar;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.model.session.Action;
import dev.orrery.model.session.FrameByFrameTest;
import dev.orrery.model.session.SyntheticWorld;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.session.WorldSession;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sessions of jafar whose frames are seen as the tokens of their pixels. */
class RetokenisedSessionTest extends FrameByFrameTest {
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

  /** The frames of the start are looked at. */
  @Override
  protected int graphsOfTheStart() {
    return 1;
  }

  /** Most tokens come out as others, so that another world is made. */
  @Test
  void isNotWhatCarriedTokensGive(@TempDir Path folder) throws Exception {
    SyntheticWorld carried = SyntheticWorld.write(Jafar.FAMILY, folder, JafarSessionTest.SCRIPT);
    try (Backend backend = CpuBackend.simd(1);
        WorldModel one = tiny.load(backend);
        WorldModel other = carried.load(backend);
        WorldSession again = tiny.start(one);
        WorldSession kept = carried.start(other)) {
      Action action = one.actionSpace().action(one.actionSpace().rest());
      assertArrayEquals(again.step(action).rgb(), kept.step(action).rgb(), "the first frame");
      assertFalse(Arrays.equals(again.step(action).rgb(), kept.step(action).rgb()), "the second");
    }
  }
}
