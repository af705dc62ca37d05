package dev.orrery.model.camera;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class RigidTransformTest {
  /** Sums of three products of values up to 4. */
  private static final double ROUNDING = 1e-14;

  private static final RigidTransform POSE =
      RigidTransform.translation(1, -2, 4)
          .times(RigidTransform.rotationY(0.7))
          .times(RigidTransform.rotationX(-0.4));

  @Test
  void aTurnToTheRightMovesForwardToTheRight() {
    RigidTransform turned = RigidTransform.rotationY(Math.PI / 2);
    RigidTransform moved = turned.times(RigidTransform.translation(0, 0, 1));
    assertTranslation(moved, 1, 0, 0);
  }

  @Test
  void aLookUpMovesForwardUpAgainstY() {
    RigidTransform turned = RigidTransform.rotationX(Math.PI / 2);
    RigidTransform moved = turned.times(RigidTransform.translation(0, 0, 1));
    assertTranslation(moved, 0, -1, 0);
  }

  @Test
  void inverseUndoes() {
    double[] identity = RigidTransform.IDENTITY.matrix();
    assertArrayEquals(identity, POSE.times(POSE.inverse()).matrix(), ROUNDING);
    assertArrayEquals(identity, POSE.inverse().times(POSE).matrix(), ROUNDING);
  }

  @Test
  void matricesAreTakenAsTheyStand() {
    assertArrayEquals(POSE.matrix(), RigidTransform.of(POSE.matrix()).matrix());
    double[] rounded = POSE.matrix();
    for (int i = 0; i < 16; i++) {
      rounded[i] = Math.round(rounded[i] * 1e4) / 1e4;
    }
    assertArrayEquals(rounded, RigidTransform.of(rounded).matrix());
  }

  @Test
  void whatIsNotRigidIsRefused() {
    refused("squared length of column 1 of a rotation: expected 1, found 4.00000", 5, 2);
    refused("product of columns 0 and 1 of a rotation: expected 0, found 0.500000", 1, 0.5);
    refused("product of columns 0 and 2 of a rotation: expected 0, found NaN", 10, Double.NaN);
    refused("expected a rotation, found one with a reflection", 0, -1);
    refused("expected a translation of at most 1000000, found NaN", 3, Double.NaN);
    refused("expected a translation of at most 1000000, found -1000001.0", 7, -1000001);
    refused("expected a translation of at most 1000000, found Infinity", 11, 1 / 0.0);
    refused("row 3, column 0 of a pose: expected 0, found 0.500000", 12, 0.5);
    refused("row 3, column 3 of a pose: expected 1, found 2.00000", 15, 2);
    assertEquals(
        "matrix: expected 16 values, found 12",
        assertThrows(IllegalArgumentException.class, () -> RigidTransform.of(new double[12]))
            .getMessage());
  }

  private static void assertTranslation(RigidTransform pose, double... expected) {
    for (int axis = 0; axis < 3; axis++) {
      assertEquals(expected[axis], pose.translation(axis), ROUNDING);
    }
  }

  private static void refused(String expected, int index, double value) {
    double[] matrix = RigidTransform.IDENTITY.matrix();
    matrix[index] = value;
    String message =
        assertThrows(InvalidCameraException.class, () -> RigidTransform.of(matrix)).getMessage();
    assertEquals(expected, message);
  }
}
