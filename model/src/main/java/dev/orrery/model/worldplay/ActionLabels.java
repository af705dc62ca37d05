package dev.orrery.model.worldplay;

import dev.orrery.model.camera.RigidTransform;

/**
 * The action class of a latent frame, which WorldPlay takes besides its camera: which way the
 * camera moved and turned since the latent frame before, as one of 81 classes {@code 9 *
 * translation + rotation}.
 *
 * <p>Each of the two has 9 values, of two directions that exclude their opposites. With the
 * translation's first direction forward or backward and its second one right or left, and the
 * rotation's first one right or left and its second one up or down:
 *
 * <pre>
 *              none  right  left  |            none  up  down
 *   none        0      3      4   |   none      0     3    4
 *   forward     1      5      6   |   right     1     5    6
 *   backward    2      7      8   |   left      2     7    8
 * </pre>
 *
 * <p>Source: {@code pose_to_input} of HY-WorldPlay.
 */
public final class ActionLabels {
  /** Shorter than this is no movement. */
  private static final double MIN_DISTANCE = 1e-4;

  /** A movement has a direction if it is less than 60 degrees away from it. */
  private static final double MIN_COSINE = 0.5;

  private static final double MIN_TURN_DEGREES = 0.05;

  private ActionLabels() {}

  /**
   * The class of one latent frame; the very first one has class 0.
   *
   * @param previous pose of the latent frame before, world from camera
   * @param current pose of this latent frame, world from camera
   */
  public static int of(RigidTransform previous, RigidTransform current) {
    RigidTransform step = previous.inverse().times(current);
    return 9 * translation(step) + rotation(step);
  }

  private static int translation(RigidTransform step) {
    double x = step.translation(0);
    double y = step.translation(1);
    double z = step.translation(2);
    double distance = StrictMath.sqrt(x * x + y * y + z * z);
    if (distance <= MIN_DISTANCE) {
      return 0;
    }
    return combined(sign(z / distance, MIN_COSINE), sign(x / distance, MIN_COSINE));
  }

  private static int rotation(RigidTransform step) {
    // The angles of R = Rz Ry Rx.
    double sine = step.rotation(2, 1);
    double cosine = step.rotation(2, 2);
    double pitch = StrictMath.atan2(sine, cosine);
    double yaw =
        StrictMath.atan2(-step.rotation(2, 0), StrictMath.sqrt(sine * sine + cosine * cosine));
    return combined(
        sign(Math.toDegrees(yaw), MIN_TURN_DEGREES), sign(Math.toDegrees(pitch), MIN_TURN_DEGREES));
  }

  /** The direction of a value: 1, -1, or 0 if it is not beyond the threshold. */
  private static int sign(double value, double threshold) {
    return value > threshold ? 1 : value < -threshold ? -1 : 0;
  }

  private static int combined(int first, int second) {
    int[][] classes = {{8, 2, 7}, {4, 0, 3}, {6, 1, 5}};
    return classes[first + 1][second + 1];
  }
}
