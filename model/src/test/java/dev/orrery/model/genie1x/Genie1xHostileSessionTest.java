package dev.orrery.model.genie1x;

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

  /** A file may hold keys and values of frames that it does not hold the ids of. */
  @Test
  void keysAreThoseOfFramesThatAreKnown() {
    assertRefused(
        "generator.context.frames", 4, "generator.context.frames: expected 0 to 3, found 4");
    put("generator.context.frames", 2);
    Shape shape = Shape.of(2, 16);
    put("generator.context.ids", Tensor.host(DType.I32, shape, MemorySegment.ofArray(new int[32])));
    assertRefused("generator.cache.frames", 3, "generator.cache.frames: expected 0 to 2, found 3");
  }
}
