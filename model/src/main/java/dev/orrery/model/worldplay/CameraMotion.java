package dev.orrery.model.worldplay;

import dev.orrery.model.camera.Camera;
import dev.orrery.model.camera.CameraMove;
import dev.orrery.model.camera.CameraPath;
import dev.orrery.model.camera.Intrinsics;
import dev.orrery.model.camera.RigidTransform;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * How far the camera of WorldPlay goes from one latent frame to the next, and its intrinsics.
 *
 * <p>Source: {@code pose_string_to_json} of HY-WorldPlay.
 */
public final class CameraMotion {
  /** The intrinsics of every pose string. */
  public static final Intrinsics INTRINSICS =
      new Intrinsics(969.6969696969696, 969.6969696969696, 960, 540);

  private static final double STEP = 0.08;
  private static final double TURN = Math.toRadians(3);

  private static final List<CameraMove> ORDER =
      List.of(
          CameraMove.TURN_RIGHT,
          CameraMove.TURN_LEFT,
          CameraMove.LOOK_UP,
          CameraMove.LOOK_DOWN,
          CameraMove.FORWARD,
          CameraMove.BACKWARD,
          CameraMove.RIGHT,
          CameraMove.LEFT);

  private CameraMotion() {}

  /**
   * The pose after some moves at once: the camera turns, then looks up or down, then goes forward
   * or backward, then to a side.
   */
  public static RigidTransform move(RigidTransform worldFromCamera, Set<CameraMove> moves) {
    RigidTransform pose = worldFromCamera;
    for (CameraMove next : ORDER) {
      if (moves.contains(next)) {
        pose = pose.times(step(next));
      }
    }
    return pose;
  }

  private static RigidTransform step(CameraMove move) {
    return switch (move) {
      case FORWARD -> RigidTransform.translation(0, 0, STEP);
      case BACKWARD -> RigidTransform.translation(0, 0, -STEP);
      case RIGHT -> RigidTransform.translation(STEP, 0, 0);
      case LEFT -> RigidTransform.translation(-STEP, 0, 0);
      case TURN_RIGHT -> RigidTransform.rotationY(TURN);
      case TURN_LEFT -> RigidTransform.rotationY(-TURN);
      case LOOK_UP -> RigidTransform.rotationX(TURN);
      case LOOK_DOWN -> RigidTransform.rotationX(-TURN);
    };
  }

  /** The path of a camera that starts where the world begins; one pose more than moves. */
  public static CameraPath path(List<CameraMove> moves) {
    List<Camera> cameras = new ArrayList<>(moves.size() + 1);
    RigidTransform pose = RigidTransform.IDENTITY;
    cameras.add(new Camera(pose, INTRINSICS));
    for (CameraMove next : moves) {
      pose = move(pose, Set.of(next));
      cameras.add(new Camera(pose, INTRINSICS));
    }
    return new CameraPath(cameras);
  }
}
