package dev.orrery.kernels.attention;

import java.util.Random;

/**
 * Matrices of cameras as {@link PropeAttention} takes them, computed in double: {@code P = diag(fx,
 * fy, 1, 1) V} and its inverse, for rigid poses V.
 *
 * @param imageFromWorld P of every frame, {@code [frames, 4, 4]}
 * @param worldFromImage the inverses
 */
record CameraMatrices(float[] imageFromWorld, float[] worldFromImage) {
  /**
   * Cameras that turn by any angle, are a few units apart, and have focal lengths of 0.5 to 1.
   *
   * @param motion {@code [4, 4]}, a rigid motion of the world that comes before every pose, or null
   */
  static CameraMatrices random(long seed, int frames, double[] motion) {
    Random random = new Random(seed);
    float[] forward = new float[16 * frames];
    float[] back = new float[16 * frames];
    for (int frame = 0; frame < frames; frame++) {
      double[] pose = pose(random);
      double[] cameraFromWorld = motion == null ? pose : product(pose, motion);
      double[] worldFromCamera = inverse(cameraFromWorld);
      double[] focal = {0.5 + random.nextDouble() / 2, 0.5 + random.nextDouble() / 2, 1, 1};
      for (int e = 0; e < 16; e++) {
        forward[16 * frame + e] = (float) (focal[e / 4] * cameraFromWorld[e]);
        back[16 * frame + e] = (float) (worldFromCamera[e] / focal[e % 4]);
      }
    }
    return new CameraMatrices(forward, back);
  }

  /** A rigid motion: turns about the y and the x axis, and a translation of about one unit. */
  static double[] pose(Random random) {
    double yaw = 2 * Math.PI * random.nextDouble();
    double pitch = Math.PI * (random.nextDouble() - 0.5);
    double cosYaw = Math.cos(yaw);
    double sinYaw = Math.sin(yaw);
    double cosPitch = Math.cos(pitch);
    double sinPitch = Math.sin(pitch);
    double[] turnY = {cosYaw, 0, sinYaw, 0, 0, 1, 0, 0, -sinYaw, 0, cosYaw, 0, 0, 0, 0, 1};
    double[] turnX = {1, 0, 0, 0, 0, cosPitch, -sinPitch, 0, 0, sinPitch, cosPitch, 0, 0, 0, 0, 1};
    double[] pose = product(turnY, turnX);
    for (int i = 0; i < 3; i++) {
      pose[4 * i + 3] = 0.7 * random.nextGaussian();
    }
    return pose;
  }

  static double[] product(double[] a, double[] b) {
    double[] out = new double[16];
    for (int e = 0; e < 16; e++) {
      for (int j = 0; j < 4; j++) {
        out[e] += a[e / 4 * 4 + j] * b[4 * j + e % 4];
      }
    }
    return out;
  }

  private static double[] inverse(double[] pose) {
    double[] out = new double[16];
    out[15] = 1;
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 3; j++) {
        out[4 * i + j] = pose[4 * j + i];
        out[4 * i + 3] -= pose[4 * j + i] * pose[4 * j + 3];
      }
    }
    return out;
  }
}
