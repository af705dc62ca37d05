package dev.orrery.model.camera;

import java.util.Arrays;

/**
 * Where a camera stands and what intrinsics it has.
 *
 * @param worldFromCamera its pose
 * @param intrinsics focal lengths and principal point, in pixels
 */
public record Camera(RigidTransform worldFromCamera, Intrinsics intrinsics) {
  /** How many {@link #values} there are. */
  public static final int VALUES = 20;

  /**
   * The camera of {@link #values}.
   *
   * @throws InvalidCameraException if they are those of no camera
   */
  public static Camera of(double[] values) {
    return new Camera(
        RigidTransform.of(Arrays.copyOf(values, 16)),
        new Intrinsics(values[16], values[17], values[18], values[19]));
  }

  /** The matrix of the pose, row by row, then focal lengths and principal point. */
  public double[] values() {
    double[] values = Arrays.copyOf(worldFromCamera.matrix(), VALUES);
    values[16] = intrinsics.focalX();
    values[17] = intrinsics.focalY();
    values[18] = intrinsics.centerX();
    values[19] = intrinsics.centerY();
    return values;
  }

  /** The view matrix: from the world to this camera. */
  public RigidTransform cameraFromWorld() {
    return worldFromCamera.inverse();
  }

  /**
   * The projection of a world point, in homogeneous coordinates, to the image: the view matrix with
   * its first two rows scaled by the normalised focal lengths. The principal point counts as the
   * origin.
   *
   * @return 4 x 4, row-major
   */
  public float[] imageFromWorld() {
    double[] matrix = cameraFromWorld().matrix();
    double[] scale = {intrinsics.normalisedFocalX(), intrinsics.normalisedFocalY(), 1, 1};
    float[] out = new float[16];
    for (int i = 0; i < 16; i++) {
      out[i] = (float) (scale[i / 4] * matrix[i]);
    }
    return out;
  }

  /** The inverse of {@link #imageFromWorld}, 4 x 4, row-major. */
  public float[] worldFromImage() {
    double[] matrix = worldFromCamera.matrix();
    double[] scale = {1 / intrinsics.normalisedFocalX(), 1 / intrinsics.normalisedFocalY(), 1, 1};
    float[] out = new float[16];
    for (int i = 0; i < 16; i++) {
      out[i] = (float) (matrix[i] * scale[i % 4]);
    }
    return out;
  }
}
