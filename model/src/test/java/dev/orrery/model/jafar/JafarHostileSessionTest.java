package dev.orrery.model.jafar;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.session.HostileSessionTest;
import dev.orrery.model.session.SyntheticWorld;
import dev.orrery.model.session.TinyWorld;
import java.lang.foreign.MemorySegment;
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

  /** A file may hold another number of one thing than of the others. */
  @Test
  void actionsAndKeysAreThoseOfFramesThatAreKnown() {
    long known = tensor("generator.context.ids").size(0);
    put("generator.actions.frames", 1);
    assertRefused(
        "generator.actions.ids",
        Tensor.host(DType.I32, Shape.of(1, 1), MemorySegment.ofArray(new int[1])),
        "generator.actions.frames: expected " + known + ", found 1");
    put("generator.actions.frames", known);
    assertRefused(
        "generator.cache.frames",
        known + 1,
        "generator.cache.frames: expected 0 to " + known + ", found " + (known + 1));
    assertRefused("condition.frames", 0, "condition.frames: expected 1 or more, found 0");
  }
}
