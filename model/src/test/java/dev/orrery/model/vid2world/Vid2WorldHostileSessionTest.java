package dev.orrery.model.vid2world;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.session.HostileSessionTest;
import dev.orrery.model.session.SyntheticWorld;
import dev.orrery.model.session.TinyWorld;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that are no saved sessions of Vid2World. */
class Vid2WorldHostileSessionTest extends HostileSessionTest {
  @TempDir static Path modelFolder;

  private static TinyWorld tiny;

  @BeforeAll
  static void write() throws Exception {
    tiny = SyntheticWorld.write(Vid2World.FAMILY, modelFolder, Vid2WorldSessionTest.SCRIPT);
  }

  @Override
  protected TinyWorld world() {
    return tiny;
  }

  @Test
  void thereAreAsManyPicturesAsThePastHas() {
    String frames = "condition.frames";
    assertRefused(frames, 1, frames + ": expected 2, found 1");
    assertRefused(frames, 3, frames + ": expected 0 to 2, found 3");
  }

  @Test
  void everythingIsFinite() {
    for (String name : List.of("generator.history", "generator.held", "condition.pictures")) {
      for (float value : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
        assertRefused(name, value, name + ": expected finite values, found " + value + " at 0");
      }
    }
  }

  /** As if a robot of three numbers were Counter-Strike. */
  @Test
  void actionsAreThoseOfTheModel() {
    assertRefused(
        "generator.held",
        Tensor.of(new float[3 * 3], 3, 3),
        "generator.held: expected F32[3, 51], found F32[3, 3]");
  }
}
