package dev.orrery.model.oasis;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.orrery.model.golden.Golden;
import dev.orrery.model.session.Action;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OasisActionsGoldenTest {
  private static final int ENTRIES = 25;

  private static Path file(String name) {
    return Path.of(System.getProperty("golden.dir"), "oasis", name);
  }

  private static List<Action> inputs(String file) throws Exception {
    List<JsonValue> rows = new ArrayList<>();
    for (String line : Files.readAllLines(file(file))) {
      rows.add(JsonValue.parse(file, line.getBytes(StandardCharsets.UTF_8)));
    }
    return OasisActionSpace.INSTANCE.recorded(rows);
  }

  private static float[] values(List<Action> inputs) {
    float[] out = new float[ENTRIES * inputs.size()];
    for (int i = 0; i < inputs.size(); i++) {
      float[] row = ((OasisAction) inputs.get(i)).values();
      System.arraycopy(row, 0, out, i * ENTRIES, ENTRIES);
    }
    return out;
  }

  @Test
  void rowsOfActionFiles() throws Exception {
    try (Golden golden = Golden.open(file("preprocess.safetensors"))) {
      float[] found = values(inputs("preprocess_actions.jsonl"));
      assertArrayEquals(golden.floats("outputs.actions"), found);
      assertForFrames(golden, found, "outputs.actions_for_frames", 0);
      assertForFrames(golden, found, "outputs.actions_for_frames_offset3", 3);
    }
  }

  /** The image that a world starts from has an action of its own, and nothing happens in it. */
  private static void assertForFrames(Golden golden, float[] rows, String name, int offset) {
    float[] expected = new float[rows.length + (1 - offset) * ENTRIES];
    System.arraycopy(OasisAction.NONE.values(), 0, expected, 0, ENTRIES);
    System.arraycopy(rows, offset * ENTRIES, expected, ENTRIES, expected.length - ENTRIES);
    assertArrayEquals(expected, golden.floats(name), name);
  }

  @Test
  void recordings() throws Exception {
    try (Golden golden = Golden.open(file("preprocess.safetensors"))) {
      List<Action> inputs = inputs("preprocess_recording.jsonl");
      assertArrayEquals(golden.floats("outputs.recording.actions"), values(inputs));
      double[] degrees = golden.doubles("outputs.recording.camera_degrees");
      long[] bins = golden.longs("outputs.recording.camera_bins");
      List<String> lines = Files.readAllLines(file("preprocess_recording.jsonl"));
      for (int i = 0; i < lines.size(); i++) {
        byte[] line = lines.get(i).getBytes(StandardCharsets.UTF_8);
        JsonValue mouse = JsonValue.parse("row", line).get("mouse");
        double[] pixels = {mouse.number("dy"), mouse.number("dx")};
        for (int axis = 0; axis < 2; axis++) {
          double found = VptRecording.degrees(pixels[axis]);
          assertEquals(degrees[2 * i + axis], found, 1e-12, "row " + i);
          assertEquals(bins[2 * i + axis], VptRecording.bin(found), "row " + i);
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"forward\": 0      | \"forward\": 2     | forward: expected 0 or 1, found 2",
        "\"forward\": 0      | \"forwards\": 0    | forward: expected an integer",
        "\"forward\": 0      | \"forward\": 0, \"fly\": 1 | fly: expected one of VPT's switches",
        "\"camera\": [0, 80] | \"camera\": [0, 81] | camera: expected two numbers from 0 to 80",
        "\"camera\": [0, 80] | \"camera\": [40]    | camera: expected two numbers from 0 to 80",
        "\"camera\": [0, 80] | \"camera\": [40, 1e999] | camera",
      })
  void refusesRowsOfAnotherForm(String from, String to, String message) throws Exception {
    String line = Files.readAllLines(file("preprocess_actions.jsonl")).getFirst();
    byte[] changed = line.replace(from, to).getBytes(StandardCharsets.UTF_8);
    assertEquals(false, Arrays.equals(line.getBytes(StandardCharsets.UTF_8), changed));
    CheckpointException e =
        assertThrows(
            CheckpointException.class,
            () -> OasisActionSpace.INSTANCE.recorded(List.of(JsonValue.parse("actions", changed))));
    assertEquals(true, e.getMessage().contains(message), e.getMessage());
  }

  @Test
  void hasTheEntriesOfTheRelease() throws Exception {
    try (Golden golden = Golden.open(file("preprocess.safetensors"))) {
      List<String> keys =
          golden.config().get("action_keys").asList().stream().map(JsonValue::asString).toList();
      List<String> own =
          OasisActionSpace.ENTRIES.stream()
              .map(it -> it.equals("look-y") ? "cameraX" : it.equals("look-x") ? "cameraY" : it)
              .toList();
      assertEquals(keys, own);
      assertEquals(23, OasisActionSpace.INSTANCE.switches().size());
    }
  }
}
