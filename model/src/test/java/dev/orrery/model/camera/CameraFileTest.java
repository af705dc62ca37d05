package dev.orrery.model.camera;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.orrery.runtime.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CameraFileTest {
  private static final String POSE = "[[1, 0, 0, 5], [0, 1, 0, 6], [0, 0, 1, 7], [0, 0, 0, 1]]";
  private static final String LENS = "[[900, 0, 960], [0, 901, 540], [0, 0, 1]]";

  @TempDir Path folder;

  @Test
  void framesHaveTheOrderOfTheFile() throws IOException {
    CameraPath path =
        read(
            "{\"10\": {\"extrinsic\": %s, \"K\": %s}, \"9\": {\"extrinsic\": %s, \"K\": %s}}"
                .formatted(POSE, LENS, POSE.replace("5", "8"), LENS.replace("901", "902")));
    assertEquals(2, path.frames());
    assertEquals(5, path.at(0).worldFromCamera().translation(0));
    assertEquals(8, path.at(1).worldFromCamera().translation(0));
    assertEquals(-8, path.at(1).cameraFromWorld().translation(0));
    assertEquals(new Intrinsics(900, 901, 960, 540), path.at(0).intrinsics());
    assertEquals(902, path.at(1).intrinsics().focalY());
  }

  @Test
  void whatIsWrittenReadsBackToTheBit() throws IOException {
    RigidTransform pose =
        RigidTransform.rotationY(0.3).times(RigidTransform.translation(0.1, 0, -1e-9));
    CameraPath path =
        new CameraPath(
            List.of(
                new Camera(RigidTransform.IDENTITY, new Intrinsics(969.6969696969696, 1, 2, 3)),
                new Camera(pose, new Intrinsics(1e-3, 1e6, 1. / 3 * 100, 540))));
    Path file = folder.resolve("path.json");
    Files.writeString(file, "older");
    CameraFile.write(path, file);
    CameraPath found = CameraFile.read(file);
    assertEquals(2, found.frames());
    for (int frame = 0; frame < 2; frame++) {
      assertArrayEquals(
          path.at(frame).worldFromCamera().matrix(), found.at(frame).worldFromCamera().matrix());
      assertEquals(path.at(frame).intrinsics(), found.at(frame).intrinsics());
    }
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(file), files.toList());
    }
  }

  @Test
  void whatCannotBeWrittenLeavesNothing() throws IOException {
    CameraPath path =
        new CameraPath(List.of(new Camera(RigidTransform.IDENTITY, new Intrinsics(1, 1, 1, 1))));
    Path missing = folder.resolve("none").resolve("path.json");
    String message =
        assertThrows(CheckpointException.class, () -> CameraFile.write(path, missing)).getMessage();
    assertEquals(missing + ": cannot be written: no such file or folder", message);

    Path taken = Files.createDirectories(folder.resolve("taken").resolve("inside")).getParent();
    assertEquals(
        taken + ": cannot be written: Is a directory",
        assertThrows(CheckpointException.class, () -> CameraFile.write(path, taken)).getMessage());
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(taken), files.toList());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}|expected 1 to 100000 cameras, found 0",
        "[]|expected an object, found []",
        "{'a': 3}|a: expected an object, found 3",
        "{'a': {'K': LENS}}|a.extrinsic: expected a list, found nothing",
        "{'a': {'extrinsic': POSE}}|a.K: expected a list, found nothing",
        "{'a': {'extrinsic': [[1]], 'K': LENS}}|a.extrinsic: expected 4 rows, found [[1]]",
        "{'a': {'extrinsic': LENS, 'K': LENS}}|a.extrinsic: expected 4 rows, found LENS",
        "{'a': {'extrinsic': POSE, 'K': [[1], [2], [3]]}}|a.K[0]: expected 3 numbers, found [1]",
        "{'a': {'extrinsic': [[1, 'x', 0, 0], [], [], []], 'K': LENS}}"
            + "|a.extrinsic[0][1]: expected a number, found \"x\"",
        "{'a': {'extrinsic': POSE, 'K': [[0, 0, 960], [0, 901, 540], [0, 0, 1]]}}"
            + "|a.K: focal length along x: expected 0.001 to 1000000 pixels, found 0.0",
        "{'a': {'extrinsic': POSE, 'K': [[1, 0, 960], [0, -1, 540], [0, 0, 1]]}}"
            + "|a.K: focal length along y: expected 0.001 to 1000000 pixels, found -1.0",
        "{'a': {'extrinsic': POSE, 'K': [[1, 0, 0], [0, 1, 540], [0, 0, 1]]}}"
            + "|a.K: principal point along x: expected 0.001 to 1000000 pixels, found 0.0",
        "{'a': {'extrinsic': POSE, 'K': [[1, 2, 3], [0, 4, 5], [0, 0, 1]]}}"
            + "|a.K: expected [[fx, 0, cx], [0, fy, cy], [0, 0, 1]], found [[1, 2, 3], [0, 4, 5], "
            + "[0, 0, 1]]",
        "{'a': {'extrinsic': [[2, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]], 'K': LENS}}"
            + "|a.extrinsic: squared length of column 0 of a rotation: expected 1, found 4.00000",
        "{'a': {'extrinsic': [[NaN]]}}|invalid JSON at line 1, column 26: Non-standard token 'NaN'",
        "{'a': {'extrinsic': [[1e999, 0, 0, 0], [], [], []]}}"
            + "|a.extrinsic[0][0]: expected a number, found 1e999",
        "{'a': 1, 'a': 2}|invalid JSON at line 1, column 16: duplicate key \"a\"",
      })
  void mistakesNameTheEntry(String json, String expected) {
    String text = json.replace('\'', '"').replace("POSE", POSE).replace("LENS", LENS);
    String message = assertThrows(CheckpointException.class, () -> read(text)).getMessage();
    String start = folder.resolve("path.json") + ": " + expected.replace("LENS", LENS);
    assertEquals(start, message.substring(0, Math.min(message.length(), start.length())));
  }

  @Test
  void pathsHaveAtLeastOneCamera() {
    assertEquals(
        "camera path: expected 1 to 100000 poses, found 0",
        assertThrows(InvalidCameraException.class, () -> new CameraPath(List.of())).getMessage());
  }

  @Test
  void tooShortPathsSaySo() {
    Camera camera = new Camera(RigidTransform.IDENTITY, new Intrinsics(1, 1, 1, 1));
    CameraPath path = new CameraPath(List.of(camera, camera));
    assertEquals(1, path.first(1).frames());
    assertEquals(
        "camera path: expected at least 4 poses, found 2",
        assertThrows(InvalidCameraException.class, () -> path.first(4)).getMessage());
  }

  private CameraPath read(String json) throws IOException {
    return CameraFile.read(Files.writeString(folder.resolve("path.json"), json));
  }
}
