package dev.orrery.model.worldplay;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.model.camera.Camera;
import dev.orrery.model.camera.CameraPath;
import dev.orrery.model.camera.RigidTransform;
import dev.orrery.model.golden.Golden;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ObjIntConsumer;
import org.junit.jupiter.api.Test;

/** Overlaps and remembered frames are those of the reference, for the points that it drew. */
class RetrievalGoldenTest {
  /**
   * The reference's angles are fp32, so that one point at the edge of a view may count differently.
   * Where two chunks are nearer to each other than this, such a point decides between them; at a
   * difference of zero the earlier chunk wins.
   */
  private static final double UNCERTAIN_MARGIN = 1e-3;

  private static void forEachPath(ObjIntConsumer<Golden> check) {
    Path file = Path.of(System.getProperty("golden.dir"), "worldplay", "retrieval.safetensors");
    try (Golden golden = Golden.open(file)) {
      assertEquals(FieldOfView.HORIZONTAL_DEGREES, golden.config().number("fov_h"));
      assertEquals(FieldOfView.VERTICAL_DEGREES, golden.config().number("fov_v"));
      assertEquals(FieldOfView.RADIUS, golden.config().number("radius"));
      assertEquals(MemoryRetrieval.TEMPORAL_FRAMES, golden.config().integer("temporal"));
      assertEquals(MemoryRetrieval.CHUNK_FRAMES, golden.config().integer("pred"));
      int paths = 0;
      for (; golden.has("traj" + paths + ".viewmats"); paths++) {
        check.accept(golden, paths);
      }
      assertTrue(paths > 0, "no trajectories in the fixture");
    }
  }

  @Test
  void overlaps() {
    forEachPath(
        (golden, i) -> {
          String name = "traj" + i + ".";
          FieldOfViewOverlap overlap = FieldOfViewOverlap.ofPoints(golden.floats("points_local"));
          CameraPath path = path(golden, name);
          long[] pairs = golden.longs(name + "pairs");
          float[] expected = golden.floats(name + "pair_sim");
          for (int pair = 0; pair < expected.length; pair++) {
            RigidTransform current = path.at((int) pairs[2 * pair]).cameraFromWorld();
            RigidTransform other = path.at((int) pairs[2 * pair + 1]).worldFromCamera();
            double onePoint = 1.0 / overlap.points();
            assertEquals(
                expected[pair], overlap.of(current.times(other), 1), onePoint + 1e-6, name + pair);
          }
        });
  }

  @Test
  void rememberedFrames() {
    forEachPath(
        (golden, i) -> {
          String name = "traj" + i + ".";
          FieldOfViewOverlap overlap = FieldOfViewOverlap.ofPoints(golden.floats("points_local"));
          MemoryRetrieval selection = new MemoryRetrieval(overlap, 0);
          CameraPath path = path(golden, name);
          long[] chunks = golden.longs(name + "current");
          long[] selected = golden.longs(name + "selected");
          float[] margins = golden.floats(name + "margin");
          float[] distances = golden.floats(name + "distances");
          int remembered = selected.length / chunks.length;
          int candidates = distances.length / chunks.length;
          for (int c = 0; c < chunks.length; c++) {
            String where = name + "chunk at " + chunks[c];
            int firstFrame = (int) chunks[c];
            List<RigidTransform> views = MemoryRetrieval.views(path.cameras(), firstFrame);
            // The mean of eight overlaps, or of two of the last frame alone.
            int overlaps = 2 * Math.min(4, path.frames() - firstFrame);
            double onePoint = 1.0 / (overlaps * overlap.points());
            for (int k = 0; k < candidates && distances[c * candidates + k] >= 0; k++) {
              assertEquals(
                  distances[c * candidates + k],
                  selection.distance(views, path.cameras(), 4 * k, 1),
                  onePoint + 1e-6,
                  where + ", candidate " + k);
            }
            long[] expected = new long[remembered];
            System.arraycopy(selected, c * remembered, expected, 0, remembered);
            List<Integer> memory = selection.select(path, firstFrame).memory();
            if (margins[c] == 0 || margins[c] > UNCERTAIN_MARGIN) {
              assertArrayEquals(
                  expected, memory.stream().mapToLong(Integer::longValue).toArray(), where);
            }
          }
        });
  }

  private static CameraPath path(Golden golden, String name) {
    float[] views = golden.floats(name + "viewmats");
    List<Camera> cameras = new ArrayList<>();
    for (int frame = 0; frame < views.length / 16; frame++) {
      double[] matrix = new double[16];
      for (int i = 0; i < 16; i++) {
        matrix[i] = views[16 * frame + i];
      }
      RigidTransform worldFromCamera = RigidTransform.of(matrix).inverse();
      cameras.add(new Camera(worldFromCamera, CameraMotion.INTRINSICS));
    }
    return new CameraPath(cameras);
  }
}
