package dev.orrery.model.worldplay;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.orrery.model.camera.PoseString;
import dev.orrery.model.camera.RigidTransform;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ActionLabelsTest {
  private static final RigidTransform START =
      RigidTransform.translation(3, 1, -2)
          .times(RigidTransform.rotationY(2.1))
          .times(RigidTransform.rotationX(-0.3));

  @Test
  void everyMoveHasItsClass() {
    PlayedPath path = new PlayedPath();
    CameraMotion.path(PoseString.parse("w-1, s-1, d-1, a-1, right-1, left-1, up-1, down-1"))
        .cameras()
        .forEach(path::add);
    int[] expected = {0, 9, 18, 27, 36, 1, 2, 3, 4};
    assertArrayEquals(expected, IntStream.range(0, 9).map(path::label).toArray());
    // What was taken back and is added again has the class of its new place.
    path.shorten(3);
    path.add(path.cameras().getLast());
    assertEquals(0, path.label(3));
    assertEquals(4, path.frames());
  }

  @Test
  void directionsCombine() {
    // Rows: none, forward, backward; columns: none, right, left.
    int[][] translations = {{0, 3, 4}, {1, 5, 6}, {2, 7, 8}};
    int[][] rotations = {{0, 3, 4}, {1, 5, 6}, {2, 7, 8}};
    int[] signs = {0, 1, -1};
    for (int ahead = 0; ahead < 3; ahead++) {
      for (int side = 0; side < 3; side++) {
        for (int yaw = 0; yaw < 3; yaw++) {
          for (int pitch = 0; pitch < 3; pitch++) {
            RigidTransform step =
                RigidTransform.translation(0.08 * signs[side], 0, 0.08 * signs[ahead])
                    .times(RigidTransform.rotationY(0.05 * signs[yaw]))
                    .times(RigidTransform.rotationX(0.05 * signs[pitch]));
            assertEquals(
                9 * translations[ahead][side] + rotations[yaw][pitch],
                ActionLabels.of(START, START.times(step)));
          }
        }
      }
    }
  }

  @Test
  void smallChangesAreNone() {
    assertEquals(0, ActionLabels.of(START, START));
    assertEquals(0, label(RigidTransform.translation(0, 0, 0.9e-4)));
    assertEquals(9, label(RigidTransform.translation(0, 0, 1.1e-4)));
    assertEquals(0, label(RigidTransform.rotationY(Math.toRadians(0.049))));
    assertEquals(1, label(RigidTransform.rotationY(Math.toRadians(0.051))));
    assertEquals(0, label(RigidTransform.rotationX(Math.toRadians(-0.049))));
    assertEquals(4, label(RigidTransform.rotationX(Math.toRadians(-0.051))));
  }

  @Test
  void directionsReachSixtyDegrees() {
    assertEquals(9 * 5, label(towards(31)));
    assertEquals(9 * 1, label(towards(29)));
    assertEquals(9 * 5, label(towards(59)));
    assertEquals(9 * 3, label(towards(61)));
    // Straight up is none of the four.
    assertEquals(0, label(RigidTransform.translation(0, -0.08, 0)));
  }

  private static RigidTransform towards(double degreesToTheRight) {
    double angle = Math.toRadians(degreesToTheRight);
    return RigidTransform.translation(0.08 * Math.sin(angle), 0, 0.08 * Math.cos(angle));
  }

  private static int label(RigidTransform step) {
    return ActionLabels.of(START, START.times(step));
  }
}
