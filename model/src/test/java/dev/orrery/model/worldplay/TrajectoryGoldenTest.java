package dev.orrery.model.worldplay;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.model.camera.Camera;
import dev.orrery.model.camera.CameraFile;
import dev.orrery.model.camera.CameraPath;
import dev.orrery.model.camera.InvalidCameraException;
import dev.orrery.model.camera.PoseString;
import dev.orrery.model.golden.Golden;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Poses, lenses and action classes are those of the reference. */
class TrajectoryGoldenTest {
  /**
   * A hundred products of matrices of values up to one, of three terms each, are off by 3 * 100 *
   * 2^-53 or 3e-14 at most in each of the two computations; distances are some ten times as large.
   */
  private static final double TOLERANCE = 1e-12;

  private static Golden golden() {
    return Golden.open(
        Path.of(System.getProperty("golden.dir"), "worldplay", "trajectory.safetensors"));
  }

  @Test
  void poseStrings() {
    try (Golden golden = golden()) {
      List<JsonValue> strings = golden.config().get("strings").asList();
      assertTrue(!strings.isEmpty(), "no pose strings in the fixture");
      for (int i = 0; i < strings.size(); i++) {
        CameraPath path = CameraMotion.path(PoseString.parse(strings.get(i).asString()));
        assertSamePath(golden, "string" + i, path);
      }
    }
  }

  @Test
  void files() {
    try (Golden golden = golden()) {
      List<JsonValue> files = golden.config().get("json").asList();
      assertTrue(!files.isEmpty(), "no JSON trajectories in the fixture");
      for (int i = 0; i < files.size(); i++) {
        byte[] text = files.get(i).asString().getBytes(StandardCharsets.UTF_8);
        CameraPath path = CameraFile.path(JsonValue.parse("json" + i, text));
        assertSamePath(golden, "json" + i, path);
      }
    }
  }

  @Test
  void mistakesAreErrors() {
    try (Golden golden = golden()) {
      for (JsonValue mistake : golden.config().get("errors").asList()) {
        String text = mistake.asList().getFirst().asString();
        assertTrue(mistake.asList().get(1).asBoolean(), text);
        assertTrue(
            assertThrows(InvalidCameraException.class, () -> PoseString.parse(text), text)
                .getMessage()
                .startsWith("camera: "),
            text);
      }
    }
  }

  private static void assertSamePath(Golden golden, String name, CameraPath path) {
    double[] poses = doubles(golden, name + ".c2w");
    double[] views = doubles(golden, name + ".viewmats");
    double[] lenses = doubles(golden, name + ".Ks");
    assertEquals(poses.length / 16, path.frames(), name);
    for (int frame = 0; frame < path.frames(); frame++) {
      String where = name + ", frame " + frame;
      Camera camera = path.at(frame);
      assertArrayEquals(
          Arrays.copyOfRange(poses, 16 * frame, 16 * frame + 16),
          camera.worldFromCamera().matrix(),
          TOLERANCE,
          where);
      assertArrayEquals(
          Arrays.copyOfRange(views, 16 * frame, 16 * frame + 16),
          camera.cameraFromWorld().matrix(),
          TOLERANCE,
          where);
      double x = camera.intrinsics().normalisedFocalX();
      double y = camera.intrinsics().normalisedFocalY();
      assertArrayEquals(
          Arrays.copyOfRange(lenses, 9 * frame, 9 * frame + 9),
          new double[] {x, 0, 0.5, 0, y, 0.5, 0, 0, 1},
          1e-15,
          where);
    }
    PlayedPath played = new PlayedPath();
    path.cameras().forEach(played::add);
    assertArrayEquals(
        Arrays.stream(golden.longs(name + ".action")).mapToInt(Math::toIntExact).toArray(),
        IntStream.range(0, path.frames()).map(played::label).toArray(),
        name);
  }

  private static double[] doubles(Golden golden, String name) {
    assertEquals(DType.F64, golden.tensor(name).dtype(), name);
    return golden.tensor(name).segment().toArray(ValueLayout.JAVA_DOUBLE_UNALIGNED);
  }
}
