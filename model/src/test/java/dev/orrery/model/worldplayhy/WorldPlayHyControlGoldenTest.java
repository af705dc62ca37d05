package dev.orrery.model.worldplayhy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.model.camera.Camera;
import dev.orrery.model.camera.CameraPath;
import dev.orrery.model.camera.PoseString;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.sampling.ShiftedFlowSchedule;
import dev.orrery.model.worldplay.CameraMotion;
import dev.orrery.model.worldplay.FieldOfViewOverlap;
import dev.orrery.model.worldplay.MemoryRetrieval;
import dev.orrery.model.worldplay.PlayedPath;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Cameras, action classes, remembered frames and noise levels are those of the reference. */
class WorldPlayHyControlGoldenTest {
  /** See the 5B's: rounding of some hundred products of matrices, whose entries reach ten. */
  private static final double TOLERANCE = 1e-12;

  private static Golden golden() {
    return Golden.open(
        Path.of(System.getProperty("golden.dir"), "worldplay-hy8b", "control.safetensors"));
  }

  private static List<CameraPath> paths(Golden golden) {
    List<JsonValue> strings = golden.config().get("pose_strings").asList();
    assertTrue(!strings.isEmpty(), "no pose strings in the fixture");
    return strings.stream()
        .map(poses -> CameraMotion.path(PoseString.parse(poses.asString())))
        .toList();
  }

  @Test
  void camerasAndClasses() {
    try (Golden golden = golden()) {
      List<CameraPath> paths = paths(golden);
      for (int i = 0; i < paths.size(); i++) {
        assertSamePath(golden, "outputs.pose" + i, paths.get(i));
      }
    }
  }

  private static void assertSamePath(Golden golden, String name, CameraPath path) {
    double[] views = golden.doubles(name + ".w2c");
    double[] lenses = golden.doubles(name + ".K");
    assertEquals(views.length / 16, path.frames(), name);
    for (int frame = 0; frame < path.frames(); frame++) {
      String where = name + ", frame " + frame;
      Camera camera = path.at(frame);
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

  @Test
  void rememberedFrames() {
    try (Golden golden = golden()) {
      MemoryRetrieval retrieval =
          new MemoryRetrieval(
              FieldOfViewOverlap.ofPoints(golden.floats("inputs.points")),
              MemoryRetrieval.CHUNK_FRAMES);
      List<CameraPath> paths = paths(golden);
      Pattern memory = Pattern.compile("outputs\\.pose(\\d+)\\.memory(\\d+)");
      int compared = 0;
      for (String name : golden.names()) {
        Matcher matcher = memory.matcher(name);
        if (matcher.matches()) {
          CameraPath path = paths.get(Integer.parseInt(matcher.group(1)));
          int first = Integer.parseInt(matcher.group(2));
          assertArrayEquals(
              golden.longs(name),
              retrieval.select(path, first).memory().stream().mapToLong(f -> f).toArray(),
              name);
          compared++;
        }
      }
      assertTrue(compared > 0, "no remembered frames in the fixture");
    }
  }

  @Test
  void noiseLevels() {
    try (Golden golden = golden()) {
      Pattern levels = Pattern.compile("outputs\\.sigmas(_n(\\d+)_shift(\\d+))");
      int compared = 0;
      for (String name : golden.names()) {
        Matcher matcher = levels.matcher(name);
        if (matcher.matches()) {
          ShiftedFlowSchedule schedule =
              new ShiftedFlowSchedule(
                  Integer.parseInt(matcher.group(2)), Double.parseDouble(matcher.group(3)));
          assertArrayEquals(golden.floats(name), schedule.sigmas(), name);
          String timesteps = "outputs.timesteps" + matcher.group(1);
          assertArrayEquals(golden.floats(timesteps), schedule.timesteps(), timesteps);
          compared++;
        }
      }
      assertTrue(compared > 0, "no noise levels in the fixture");
    }
  }
}
