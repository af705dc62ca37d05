package dev.orrery.model.camera;

import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.files.PendingOutput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Camera paths as JSON: {@code {"0": {"extrinsic": [[...] x 4], "K": [[...] x 3]}, ...}}.
 *
 * <p>Each member is one latent frame, in the order of the file whatever the members are called.
 * {@code extrinsic} is {@code worldFromCamera}, {@code K} holds the intrinsics {@code [[fx, 0, cx],
 * [0, fy, cy], [0, 0, 1]]} in pixels.
 *
 * <p>Source: {@code pose_to_input} of HY-WorldPlay, which does not look at skew; here it is an
 * error.
 */
public final class CameraFile {
  private CameraFile() {}

  /**
   * Reads a path.
   *
   * @throws CheckpointException naming the entry, if the file cannot be read, is not such a file,
   *     or holds a pose or intrinsics that are none
   */
  public static CameraPath read(Path file) {
    return path(JsonValue.read(file));
  }

  /** As {@link #read}, of a document that was read already. */
  public static CameraPath path(JsonValue document) {
    if (document.keys().isEmpty() || document.keys().size() > CameraPath.MAX_FRAMES) {
      throw new CheckpointException(
          document.source(),
          String.format(
              Locale.ROOT,
              "expected 1 to %d cameras, found %d",
              CameraPath.MAX_FRAMES,
              document.keys().size()));
    }
    List<Camera> cameras = new ArrayList<>();
    for (String key : document.keys()) {
      JsonValue entry = document.get(key);
      cameras.add(new Camera(pose(entry.get("extrinsic")), intrinsics(entry.get("K"))));
    }
    return new CameraPath(cameras);
  }

  private static RigidTransform pose(JsonValue extrinsic) {
    double[] matrix = matrix(extrinsic, 4);
    try {
      return RigidTransform.of(matrix);
    } catch (InvalidCameraException e) {
      throw at(extrinsic, e);
    }
  }

  private static Intrinsics intrinsics(JsonValue k) {
    double[] matrix = matrix(k, 3);
    double[] rest = {matrix[1], matrix[3], matrix[6], matrix[7], matrix[8] - 1};
    for (double value : rest) {
      if (value != 0) {
        throw k.unexpected("[[fx, 0, cx], [0, fy, cy], [0, 0, 1]]");
      }
    }
    try {
      return new Intrinsics(matrix[0], matrix[4], matrix[2], matrix[5]);
    } catch (InvalidCameraException e) {
      throw at(k, e);
    }
  }

  private static double[] matrix(JsonValue value, int size) {
    List<JsonValue> rows = value.asList();
    if (rows.size() != size) {
      throw value.unexpected(size + " rows");
    }
    double[] matrix = new double[size * size];
    for (int row = 0; row < size; row++) {
      List<JsonValue> columns = rows.get(row).asList();
      if (columns.size() != size) {
        throw rows.get(row).unexpected(size + " numbers");
      }
      for (int column = 0; column < size; column++) {
        matrix[size * row + column] = columns.get(column).asDouble();
      }
    }
    return matrix;
  }

  private static CheckpointException at(JsonValue value, InvalidCameraException e) {
    return new CheckpointException(value.source(), value.path() + ": " + e.getMessage(), e);
  }

  /**
   * Writes a path so that {@link #read} gives the same bits. A file of that name is replaced, by
   * the complete new one only.
   *
   * @throws CheckpointException if the file cannot be written
   */
  public static void write(CameraPath path, Path file) {
    try (PendingOutput output = PendingOutput.begin(file)) {
      Files.writeString(output.temporary(), json(path));
      output.moveIntoPlace();
    } catch (IOException e) {
      throw CheckpointException.cannotWrite(file, e);
    }
  }

  /** A path as the text of a file: one line for each camera, named 0, 1, 2 and so on. */
  static String json(CameraPath path) {
    StringBuilder json = new StringBuilder("{");
    for (int frame = 0; frame < path.frames(); frame++) {
      Camera camera = path.at(frame);
      Intrinsics lens = camera.intrinsics();
      double[] k = {lens.focalX(), 0, lens.centerX(), 0, lens.focalY(), lens.centerY(), 0, 0, 1};
      json.append(frame == 0 ? "\n" : ",\n").append('"').append(frame).append("\": {");
      append(json.append("\"extrinsic\": "), camera.worldFromCamera().matrix(), 4);
      append(json.append(", \"K\": "), k, 3);
      json.append('}');
    }
    return json.append("\n}\n").toString();
  }

  private static void append(StringBuilder json, double[] matrix, int size) {
    for (int i = 0; i < matrix.length; i++) {
      json.append(i == 0 ? "[[" : i % size == 0 ? "], [" : ", ").append(matrix[i]);
    }
    json.append("]]");
  }
}
