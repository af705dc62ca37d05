package dev.orrery.model.worldplay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.model.camera.Camera;
import dev.orrery.model.camera.CameraMove;
import dev.orrery.model.camera.CameraPath;
import dev.orrery.model.camera.PoseString;
import dev.orrery.model.camera.RigidTransform;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MemoryRetrievalTest {
  private static final Map<CameraMove, CameraMove> OPPOSITES =
      Map.of(
          CameraMove.FORWARD, CameraMove.BACKWARD,
          CameraMove.BACKWARD, CameraMove.FORWARD,
          CameraMove.RIGHT, CameraMove.LEFT,
          CameraMove.LEFT, CameraMove.RIGHT,
          CameraMove.TURN_RIGHT, CameraMove.TURN_LEFT,
          CameraMove.TURN_LEFT, CameraMove.TURN_RIGHT,
          CameraMove.LOOK_UP, CameraMove.LOOK_DOWN,
          CameraMove.LOOK_DOWN, CameraMove.LOOK_UP);

  private final MemoryRetrieval selection = new MemoryRetrieval(FieldOfViewOverlap.seeded(3), 0);

  @Test
  void aBeginningIsRememberedCompletely() {
    CameraPath path = CameraMotion.path(PoseString.parse("w-19"));
    for (int first = 0; first <= 16; first += 4) {
      ContextWindow window = selection.select(path, first);
      assertEquals(range(0, first), window.memory());
      assertEquals(first, window.firstFrame());
      assertEquals(first, window.firstChunkSlot());
      assertEquals(4, window.chunkFrames());
    }
  }

  @Test
  void slotsDoNotGrowWithTheRollout() {
    CameraPath path = CameraMotion.path(PoseString.parse("right-239"));
    for (int first = 16; first < 240; first += 4) {
      ContextWindow window = selection.select(path, first);
      assertEquals(16, window.firstChunkSlot());
      assertEquals(range(first - 12, first), window.memory().subList(4, 16));
      int old = window.memory().getFirst();
      assertEquals(range(old, old + 4), window.memory().subList(0, 4));
      assertTrue(old % 4 == 0 && old < first - 12, "chunk at " + old);
    }
  }

  @Test
  void whoStandsStillRemembersTheBeginning() {
    CameraPath path = new CameraPath(Collections.nCopies(40, camera(RigidTransform.IDENTITY)));
    assertEquals(range(0, 4), selection.select(path, 36).memory().subList(0, 4));
  }

  @Test
  void withoutAnyOverlapTheBeginningIsRemembered() {
    List<Camera> cameras = new ArrayList<>();
    for (int frame = 0; frame < 40; frame++) {
      cameras.add(camera(RigidTransform.translation(100 * frame, 0, 0)));
    }
    assertEquals(range(0, 4), selection.select(new CameraPath(cameras), 36).memory().subList(0, 4));
  }

  @Test
  void aChunkThatEndsWithThePathCountsTheFramesInIt() {
    CameraPath path = CameraMotion.path(PoseString.parse("right-24, left-24"));
    // Frame 48 alone stands where frame 0 stood.
    assertEquals(range(0, 4), selection.select(path, 48).memory().subList(0, 4));
  }

  /**
   * A camera looks at a place, leaves it by random moves, comes back on the same way and stays: the
   * frames that it remembers beside the last twelve are those of its first stay.
   */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void whoComesBackRemembersThePlace(long seed) {
    Random random = new Random(seed);
    RigidTransform pose = RigidTransform.IDENTITY;
    List<Camera> cameras = new ArrayList<>();
    // A walk of its own before the place, so that the place is not simply the beginning.
    for (int i = 0; i < 8; i++) {
      pose = CameraMotion.move(pose, Set.of(CameraMove.TURN_RIGHT));
      cameras.add(camera(pose));
    }
    int place = cameras.size();
    for (int i = 0; i < 4; i++) {
      cameras.add(camera(pose));
    }
    List<CameraMove> moves = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      CameraMove move = CameraMove.values()[random.nextInt(8)];
      moves.addAll(Collections.nCopies(1 + random.nextInt(10), move));
    }
    for (CameraMove move : moves) {
      pose = CameraMotion.move(pose, Set.of(move));
      cameras.add(camera(pose));
    }
    for (CameraMove move : moves.reversed()) {
      pose = CameraMotion.move(pose, Set.of(OPPOSITES.get(move)));
      cameras.add(camera(pose));
    }
    while (cameras.size() % 4 != 0) {
      cameras.add(camera(pose));
    }
    int back = cameras.size();
    for (int i = 0; i < 4; i++) {
      cameras.add(camera(pose));
    }
    CameraPath path = new CameraPath(cameras);
    assertEquals(range(place, place + 4), selection.select(path, back).memory().subList(0, 4));
    assertEquals(
        0, selection.distance(MemoryRetrieval.views(cameras, back), cameras, place, 1), 1e-3);
    MemoryRetrieval beginning = new MemoryRetrieval(FieldOfViewOverlap.seeded(3), 4);
    assertEquals(range(place, place + 4), beginning.select(path, back).memory().subList(4, 8));
  }

  @Test
  void oneRigidMotionOfAllCamerasChangesNothing() {
    CameraPath path =
        CameraMotion.path(PoseString.parse("w-10, right-20, w-20, up-5, left-30, d-15"));
    RigidTransform motion =
        RigidTransform.translation(30, -4, 7)
            .times(RigidTransform.rotationY(1.2))
            .times(RigidTransform.rotationX(0.5));
    CameraPath moved =
        new CameraPath(
            path.cameras().stream()
                .map(camera -> camera(motion.times(camera.worldFromCamera())))
                .toList());
    MemoryRetrieval beginning = new MemoryRetrieval(FieldOfViewOverlap.seeded(3), 4);
    for (int first = 16; first < 100; first += 4) {
      assertEquals(selection.select(path, first), selection.select(moved, first));
      assertEquals(beginning.select(path, first), beginning.select(moved, first));
    }
  }

  /**
   * With a beginning the rule has its own limit, and the beginning is never chosen a second time.
   */
  @Test
  void aBeginningStaysAndOneMoreChunkIsChosen() {
    MemoryRetrieval beginning = new MemoryRetrieval(FieldOfViewOverlap.seeded(3), 4);
    CameraPath path = CameraMotion.path(PoseString.parse("right-30, left-60, right-10"));
    for (int first = 0; first <= 20; first += 4) {
      assertEquals(range(0, first), beginning.select(path, first).memory());
    }
    for (int first = 24; first < 100; first += 4) {
      List<Integer> memory = beginning.select(path, first).memory();
      assertEquals(MemoryRetrieval.longest(4), memory.size());
      assertEquals(range(0, 4), memory.subList(0, 4));
      int old = memory.get(4);
      assertEquals(range(old, old + 4), memory.subList(4, 8));
      assertTrue(old % 4 == 0 && old >= 4 && old < first - 12, "chunk at " + old);
      assertEquals(range(first - 12, first), memory.subList(8, 20));
    }
    // Back where it began, the camera gets the next best chunk beside the beginning.
    assertEquals(4, beginning.select(path, 60).memory().get(4));
    assertEquals(0, selection.select(path, 60).memory().getFirst());
  }

  @Test
  void aBeginningIsMadeOfChunks() {
    for (int beginning : new int[] {-4, 3}) {
      String message =
          assertThrows(
                  IllegalArgumentException.class,
                  () -> new MemoryRetrieval(FieldOfViewOverlap.seeded(3), beginning))
              .getMessage();
      assertEquals("beginning: expected a multiple of 4, found " + beginning, message);
    }
  }

  @Test
  void chunksAreWhole() {
    CameraPath path = CameraMotion.path(PoseString.parse("w-19"));
    for (int first : new int[] {-4, 3, 20}) {
      String message =
          assertThrows(IllegalArgumentException.class, () -> selection.select(path, first))
              .getMessage();
      assertEquals("firstFrame: expected a multiple of 4 below 20, found " + first, message);
    }
  }

  private static Camera camera(RigidTransform worldFromCamera) {
    return new Camera(worldFromCamera, CameraMotion.INTRINSICS);
  }

  private static List<Integer> range(int start, int end) {
    return IntStream.range(start, end).boxed().toList();
  }
}
