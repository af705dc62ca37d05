package dev.orrery.model.worldplay;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.session.HostileSessionTest;
import dev.orrery.model.session.TinyWorld;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that are no saved sessions of WorldPlay. */
class WorldPlayHostileSessionTest extends HostileSessionTest {
  private static final String CAMERAS = "generator.cameras";

  @TempDir static Path modelFolder;

  private static TinyWorld tiny;

  @BeforeAll
  static void write() throws Exception {
    tiny = TinyWorldPlayWorld.in(modelFolder);
  }

  @Override
  protected TinyWorld world() {
    return tiny;
  }

  @Test
  void latentsAreFinite() {
    assertRefused(
        "generator.latents1",
        Float.NaN,
        "generator.latents1: expected finite values, found NaN at 0");
    assertRefused(
        "condition.image", Float.NaN, "condition.image: expected finite values, found NaN at 0");
  }

  @Test
  void camerasAreRigidAndAsManyAsFrames() {
    double[] cameras = tensor(CAMERAS).segment().toArray(ValueLayout.JAVA_DOUBLE_UNALIGNED);
    double before = cameras[0];
    cameras[0] = 2;
    assertRefused(
        CAMERAS,
        doubles(cameras),
        CAMERAS + ": squared length of column 0 of a rotation: expected 1, found 4.00000");
    cameras[0] = Double.NaN;
    assertRefused(
        CAMERAS,
        doubles(cameras),
        CAMERAS + ": squared length of column 0 of a rotation: expected 1, found NaN");
    cameras[0] = before;
    assertRefused(CAMERAS, doubles(new double[20]), CAMERAS + ": expected F64[160], found F64[20]");
  }

  private static Tensor doubles(double[] values) {
    return Tensor.host(DType.F64, Shape.of(values.length), MemorySegment.ofArray(values));
  }

  @Test
  void asManyChunksAreRememberedAsWereMade() {
    assertRefused("generator.chunks", 3, "generator.latents2: expected, but missing");
    assertRefused("generator.chunks", 1, "generator.latents1: expected none, found F32[192]");
  }
}
