package dev.orrery.model.worldplay;

import dev.orrery.model.camera.Camera;
import dev.orrery.model.camera.RigidTransform;
import java.util.Arrays;
import java.util.List;

/**
 * {@link MemoryRetrieval} as it is defined: every point of every view of every chunk is looked at.
 */
final class PlainRetrieval {
  private static final double SQUARED_COSINE =
      Math.pow(StrictMath.cos(Math.toRadians(FieldOfView.HORIZONTAL_DEGREES / 2)), 2);

  /** In the view of the current camera. */
  private final float[] points;

  /** With points in the ball around the origin, {@code [N, 3]}. */
  PlainRetrieval(float[] points) {
    View current = new View(RigidTransform.IDENTITY);
    float[] kept = new float[points.length];
    int count = 0;
    for (int i = 0; i < points.length; i += 3) {
      if (current.seesDirection(points[i], points[i + 1], points[i + 2])) {
        System.arraycopy(points, i, kept, count, 3);
        count += 3;
      }
    }
    this.points = Arrays.copyOf(kept, count);
  }

  /** The share of the current view that another camera saw. */
  double overlap(RigidTransform currentFromOther) {
    if (points.length == 0) {
      return 0;
    }
    View other = new View(currentFromOther);
    int seen = 0;
    for (int i = 0; i < points.length; i += 3) {
      if (other.sees(points[i], points[i + 1], points[i + 2])) {
        seen++;
      }
    }
    return (float) seen / (points.length / 3);
  }

  /** The first of the best chunks from one frame up to another. */
  int mostSeen(List<Camera> path, int firstFrame, int firstCandidate, int firstRecent) {
    int best = firstCandidate;
    double smallest = Double.POSITIVE_INFINITY;
    for (int chunk = firstCandidate; chunk < firstRecent; chunk += MemoryRetrieval.CHUNK_FRAMES) {
      double distance = distance(path, firstFrame, chunk);
      if (distance < smallest) {
        smallest = distance;
        best = chunk;
      }
    }
    return best;
  }

  double distance(List<Camera> path, int firstFrame, int chunk) {
    int end = Math.min(firstFrame + MemoryRetrieval.CHUNK_FRAMES, path.size());
    double sum = 0;
    for (Camera current : path.subList(firstFrame, end)) {
      RigidTransform currentFromWorld = current.cameraFromWorld();
      double unseen = 1 - overlap(currentFromWorld.times(path.get(chunk).worldFromCamera()));
      unseen += 1 - overlap(currentFromWorld.times(path.get(chunk + 2).worldFromCamera()));
      sum += unseen / 2;
    }
    return sum / (end - firstFrame);
  }

  /** Angles are compared by the squares of their cosines and tangents, which keep the sign. */
  private static final class View {
    private final double[] center = new double[3];
    private final double forwardX;
    private final double forwardZ;
    private final double lowest;
    private final double highest;

    View(RigidTransform currentFromCamera) {
      for (int row = 0; row < 3; row++) {
        center[row] = currentFromCamera.translation(row);
      }
      double x = currentFromCamera.rotation(0, 2);
      double y = currentFromCamera.rotation(1, 2);
      double z = currentFromCamera.rotation(2, 2);
      double horizontal = StrictMath.sqrt(x * x + z * z);
      forwardX = horizontal == 0 ? 0 : x / horizontal;
      forwardZ = horizontal == 0 ? 1 : z / horizontal;
      double elevation = Math.toDegrees(StrictMath.atan2(y, horizontal));
      lowest = squaredTangent(elevation - FieldOfView.VERTICAL_DEGREES / 2);
      highest = squaredTangent(elevation + FieldOfView.VERTICAL_DEGREES / 2);
    }

    private static double squaredTangent(double degrees) {
      return Math.abs(degrees) >= 90
          ? Math.copySign(Double.POSITIVE_INFINITY, degrees)
          : signedSquare(StrictMath.tan(Math.toRadians(degrees)));
    }

    private static double signedSquare(double x) {
      return x * Math.abs(x);
    }

    boolean sees(double x, double y, double z) {
      double dx = x - center[0];
      double dy = y - center[1];
      double dz = z - center[2];
      return dx * dx + dy * dy + dz * dz < FieldOfView.RADIUS * FieldOfView.RADIUS
          && seesDirection(dx, dy, dz);
    }

    boolean seesDirection(double dx, double dy, double dz) {
      double horizontalSquare = dx * dx + dz * dz;
      double up = signedSquare(dy);
      return signedSquare(dx * forwardX + dz * forwardZ) > SQUARED_COSINE * horizontalSquare
          && up > lowest * horizontalSquare
          && up < highest * horizontalSquare;
    }
  }
}
