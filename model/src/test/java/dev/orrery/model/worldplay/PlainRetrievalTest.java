package dev.orrery.model.worldplay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.model.camera.Camera;
import dev.orrery.model.camera.CameraMove;
import dev.orrery.model.camera.RigidTransform;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Skipping whole balls of points, and chunks that cannot be the best, changes no bit. */
class PlainRetrievalTest {
  private static final int FRAMES = 600;

  private final Random random = new Random(11);
  private final float[] points = points(20_000);
  private final PlainRetrieval plain = new PlainRetrieval(points);
  private final FieldOfViewOverlap overlap = FieldOfViewOverlap.ofPoints(points);

  /** How a camera goes on. */
  private enum Walk {
    /** As the keys of a player have it. */
    KEYS,
    /** With turns of a few degrees only, so that most chunks overlap. */
    NARROW,
    /** To poses of before, exactly and nearly: chunks that are equally good. */
    BACK,
    /** Anywhere in a small world, looking anywhere, and straight up or down. */
    JUMPS,
    /** As far away as a camera can be. */
    FAR
  }

  @ParameterizedTest
  @EnumSource
  void thePlainSearchChoosesTheSame(Walk walk) {
    List<Camera> path = path(walk);
    // As a session that is resumed has them.
    List<Camera> resumed = path.stream().map(Camera::values).map(Camera::of).toList();
    Set<Integer> chosen = new TreeSet<>();
    for (int beginning : new int[] {0, 4}) {
      MemoryRetrieval retrieval = new MemoryRetrieval(overlap, beginning);
      for (int first = 20; first < path.size(); first += 4 * (1 + random.nextInt(6))) {
        int expected = plain.mostSeen(path, first, beginning, first - 12);
        ContextWindow window = retrieval.select(path, first);
        assertEquals(expected, window.memory().get(beginning), "chunk at " + first);
        assertEquals(window, retrieval.select(resumed, first));
        chosen.add(expected);
        List<RigidTransform> views = MemoryRetrieval.views(path, first);
        int chunk = 4 * random.nextInt(first / 4 - 3);
        double distance = plain.distance(path, first, chunk);
        assertEquals(distance, retrieval.distance(views, path, chunk, 1));
        assertEquals(distance, retrieval.distance(views, path, chunk, distance));
        if (distance > 0) {
          double limit = Math.nextDown(distance) * random.nextDouble();
          double bound = retrieval.distance(views, path, chunk, limit);
          assertTrue(bound > limit && bound <= distance, bound + " of " + distance);
        }
      }
    }
    assertTrue(chosen.size() > 2, "chosen: " + chosen);
  }

  /** Poses whose edges go through many balls, or along some. */
  @Test
  void ballsAreCountedAsTheirPointsAre() {
    for (int round = 0; round < 20_000; round++) {
      RigidTransform other =
          RigidTransform.translation(near(), near(), near())
              .times(RigidTransform.rotationY(angle()))
              .times(RigidTransform.rotationX(angle()))
              .times(RigidTransform.rotationY(round % 3 == 0 ? angle() : 0));
      double share = plain.overlap(other);
      assertEquals(share, overlap.of(other, 1), () -> other.toString());
      double most = random.nextDouble();
      double bound = overlap.of(other, most);
      assertTrue(
          1 - share <= most ? bound == share : bound >= share && 1 - bound > most - 1e-7,
          () -> other + " below " + most);
    }
  }

  @Test
  void fewPointsAreNoMatter() {
    for (int count = 0; count < 200; count++) {
      float[] few = points(10 * count);
      PlainRetrieval plainFew = new PlainRetrieval(few);
      FieldOfViewOverlap overlapFew = FieldOfViewOverlap.ofPoints(few);
      for (int round = 0; round < 20; round++) {
        RigidTransform other =
            RigidTransform.translation(near(), near(), near())
                .times(RigidTransform.rotationY(angle() / 4));
        assertEquals(plainFew.overlap(other), overlapFew.of(other, 1));
      }
    }
  }

  private double near() {
    return random.nextInt(4) == 0 ? 0 : 4 * random.nextGaussian() * random.nextDouble();
  }

  /** Of all angles, and those at which edges of a view meet an axis or another edge. */
  private double angle() {
    double[] edges = {0, 17.5, 30, 35, 60, 72.5, 90, 180};
    return random.nextBoolean()
        ? Math.PI * (2 * random.nextDouble() - 1)
        : Math.toRadians(edges[random.nextInt(edges.length)]) * (random.nextBoolean() ? 1 : -1);
  }

  private float[] points(int count) {
    float[] drawn = new float[3 * count];
    for (int i = 0; i < count; i++) {
      double[] point = new double[3];
      do {
        for (int axis = 0; axis < 3; axis++) {
          point[axis] = FieldOfView.RADIUS * (2 * random.nextDouble() - 1);
        }
      } while (point[0] * point[0] + point[1] * point[1] + point[2] * point[2]
          > FieldOfView.RADIUS * FieldOfView.RADIUS);
      for (int axis = 0; axis < 3; axis++) {
        drawn[3 * i + axis] = (float) point[axis];
      }
    }
    return drawn;
  }

  private List<Camera> path(Walk walk) {
    List<Camera> cameras = new ArrayList<>();
    RigidTransform pose = RigidTransform.IDENTITY;
    // One frame of the last chunk is missing.
    while (cameras.size() < FRAMES - 1) {
      cameras.add(new Camera(pose, CameraMotion.INTRINSICS));
      pose = next(walk, pose, cameras);
    }
    return cameras;
  }

  private RigidTransform next(Walk walk, RigidTransform pose, List<Camera> cameras) {
    return switch (walk) {
      case KEYS -> CameraMotion.move(pose, keys());
      case NARROW ->
          pose.times(RigidTransform.translation(0, 0, 0.05 * random.nextGaussian()))
              .times(RigidTransform.rotationY(0.02 * random.nextGaussian()));
      case BACK ->
          switch (random.nextInt(8)) {
            case 0 -> cameras.get(random.nextInt(cameras.size())).worldFromCamera();
            case 1 ->
                cameras
                    .get(random.nextInt(cameras.size()))
                    .worldFromCamera()
                    .times(RigidTransform.rotationY(1e-4 * random.nextGaussian()));
            case 2, 3 -> CameraMotion.move(pose, keys());
            default -> pose;
          };
      case JUMPS ->
          RigidTransform.translation(near(), near(), near())
              .times(RigidTransform.rotationY(angle()))
              .times(RigidTransform.rotationX(angle()));
      case FAR ->
          random.nextInt(10) == 0
              ? RigidTransform.translation(far(), far(), far())
              : CameraMotion.move(pose, keys());
    };
  }

  private double far() {
    return (random.nextBoolean() ? 9e5 : -9e5) + random.nextInt(3);
  }

  private Set<CameraMove> keys() {
    Set<CameraMove> keys = EnumSet.noneOf(CameraMove.class);
    for (CameraMove move : CameraMove.values()) {
      if (random.nextInt(4) == 0) {
        keys.add(move);
      }
    }
    return keys;
  }
}
