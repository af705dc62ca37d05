package dev.orrery.model.camera;

/**
 * Where a camera stands and what lens it has.
 *
 * @param worldFromCamera its pose
 * @param intrinsics its lens
 */
public record Camera(RigidTransform worldFromCamera, Intrinsics intrinsics) {
  /** The view matrix: from the world to this camera. */
  public RigidTransform cameraFromWorld() {
    return worldFromCamera.inverse();
  }
}
