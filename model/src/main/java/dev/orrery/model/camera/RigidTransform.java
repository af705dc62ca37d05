package dev.orrery.model.camera;

import java.util.Arrays;
import java.util.Locale;

/**
 * A rotation and a translation, {@code y = R x + t}, in double precision. Immutable.
 *
 * <p>Axes and the direction of angles: see the package.
 */
public final class RigidTransform {
  /** The transform that changes nothing. */
  public static final RigidTransform IDENTITY =
      new RigidTransform(new double[] {1, 0, 0, 0, 1, 0, 0, 0, 1}, new double[3]);

  /** Lets through matrices that were written with four digits after the point. */
  private static final double TOLERANCE = 1e-3;

  /** Far outside of every world, and harmless in fp32. */
  private static final double MAX_DISTANCE = 1e6;

  /** Row-major, 3 x 3. */
  private final double[] rotation;

  private final double[] translation;

  private RigidTransform(double[] rotation, double[] translation) {
    this.rotation = rotation;
    this.translation = translation;
  }

  /**
   * Takes a matrix as it stands; it is not orthogonalised.
   *
   * @param matrix 4 x 4, row-major: rotation and translation above {@code 0 0 0 1}
   * @throws InvalidCameraException if a value is not finite, the transform is not rigid within
   *     {@value #TOLERANCE}, or it reaches beyond {@value #MAX_DISTANCE}
   * @throws IllegalArgumentException if there are not 16 values
   */
  public static RigidTransform of(double... matrix) {
    if (matrix.length != 16) {
      throw new IllegalArgumentException("matrix: expected 16 values, found " + matrix.length);
    }
    double[] rotation = new double[9];
    double[] translation = new double[3];
    for (int row = 0; row < 3; row++) {
      System.arraycopy(matrix, 4 * row, rotation, 3 * row, 3);
      translation[row] = matrix[4 * row + 3];
      // Also catches NaN.
      if (!(Math.abs(translation[row]) <= MAX_DISTANCE)) {
        throw new InvalidCameraException(
            String.format(
                Locale.ROOT,
                "expected a translation of at most %.0f, found %s",
                MAX_DISTANCE,
                translation[row]));
      }
    }
    for (int column = 0; column < 4; column++) {
      requireNear(
          "row 3, column " + column + " of a pose", column == 3 ? 1 : 0, matrix[12 + column]);
    }
    requireRotation(rotation);
    return new RigidTransform(rotation, translation);
  }

  private static void requireRotation(double[] r) {
    for (int a = 0; a < 3; a++) {
      for (int b = a; b < 3; b++) {
        double product = r[a] * r[b] + r[3 + a] * r[3 + b] + r[6 + a] * r[6 + b];
        String what =
            a == b
                ? "squared length of column " + a + " of a rotation"
                : "product of columns " + a + " and " + b + " of a rotation";
        requireNear(what, a == b ? 1 : 0, product);
      }
    }
    double determinant =
        r[0] * (r[4] * r[8] - r[5] * r[7])
            - r[1] * (r[3] * r[8] - r[5] * r[6])
            + r[2] * (r[3] * r[7] - r[4] * r[6]);
    if (determinant < 0) {
      throw new InvalidCameraException("expected a rotation, found one with a reflection");
    }
  }

  private static void requireNear(String what, int expected, double found) {
    if (!(Math.abs(found - expected) <= TOLERANCE)) {
      throw new InvalidCameraException(
          String.format(Locale.ROOT, "%s: expected %d, found %.6g", what, expected, found));
    }
  }

  /** A turn about the x axis; a positive angle in radians looks up. */
  public static RigidTransform rotationX(double angle) {
    double c = StrictMath.cos(angle);
    double s = StrictMath.sin(angle);
    return new RigidTransform(new double[] {1, 0, 0, 0, c, -s, 0, s, c}, new double[3]);
  }

  /** A turn about the y axis; a positive angle in radians turns to the right. */
  public static RigidTransform rotationY(double angle) {
    double c = StrictMath.cos(angle);
    double s = StrictMath.sin(angle);
    return new RigidTransform(new double[] {c, 0, s, 0, 1, 0, -s, 0, c}, new double[3]);
  }

  /** A translation to the right, down and forward. */
  public static RigidTransform translation(double x, double y, double z) {
    return new RigidTransform(IDENTITY.rotation, new double[] {x, y, z});
  }

  /** The product {@code this * right}: first {@code right}, then this one. */
  public RigidTransform times(RigidTransform right) {
    double[] product = new double[9];
    double[] moved = new double[3];
    for (int row = 0; row < 3; row++) {
      for (int column = 0; column < 3; column++) {
        product[3 * row + column] =
            rotation[3 * row] * right.rotation[column]
                + rotation[3 * row + 1] * right.rotation[3 + column]
                + rotation[3 * row + 2] * right.rotation[6 + column];
      }
      moved[row] = rotate(row, right.translation) + translation[row];
    }
    return new RigidTransform(product, moved);
  }

  /** The inverse, {@code x = R^T y - R^T t}. */
  public RigidTransform inverse() {
    double[] transposed = new double[9];
    for (int row = 0; row < 3; row++) {
      for (int column = 0; column < 3; column++) {
        transposed[3 * row + column] = rotation[3 * column + row];
      }
    }
    RigidTransform back = new RigidTransform(transposed, new double[3]);
    double[] moved = new double[3];
    for (int row = 0; row < 3; row++) {
      moved[row] = -back.rotate(row, translation);
    }
    return new RigidTransform(transposed, moved);
  }

  private double rotate(int row, double[] x) {
    return rotation[3 * row] * x[0] + rotation[3 * row + 1] * x[1] + rotation[3 * row + 2] * x[2];
  }

  /** An entry of the rotation. */
  public double rotation(int row, int column) {
    return rotation[3 * row + column];
  }

  /** An entry of the translation. */
  public double translation(int row) {
    return translation[row];
  }

  /** The matrix, 4 x 4, row-major. */
  public double[] matrix() {
    double[] matrix = new double[16];
    for (int row = 0; row < 3; row++) {
      System.arraycopy(rotation, 3 * row, matrix, 4 * row, 3);
      matrix[4 * row + 3] = translation[row];
    }
    matrix[15] = 1;
    return matrix;
  }

  /** Whether all elements are the same numbers. */
  @Override
  public boolean equals(Object other) {
    return other instanceof RigidTransform transform
        && Arrays.equals(rotation, transform.rotation)
        && Arrays.equals(translation, transform.translation);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(rotation) + Arrays.hashCode(translation);
  }

  @Override
  public String toString() {
    return "RigidTransform" + Arrays.toString(matrix());
  }
}
