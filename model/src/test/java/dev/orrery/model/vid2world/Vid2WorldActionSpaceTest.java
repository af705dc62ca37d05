package dev.orrery.model.vid2world;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.model.session.Action;
import dev.orrery.model.session.ActionInput;
import dev.orrery.model.session.ActionRecording;
import dev.orrery.model.session.ActionScript;
import dev.orrery.model.session.ActionSpace;
import dev.orrery.model.session.RecordedInputs;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Vid2WorldActionSpaceTest {
  private static final CsgoActionSpace CSGO = CsgoActionSpace.INSTANCE;
  private static final RobotActionSpace RECON = robot("{}", 3);

  @TempDir Path folder;

  private static RobotActionSpace robot(String config, int dim) {
    byte[] utf8 = config.getBytes(StandardCharsets.UTF_8);
    return RobotActionSpace.read(JsonValue.parse("config.json", utf8), dim);
  }

  private static float[] values(Action action) {
    return ((Vid2WorldAction) action).values();
  }

  private ActionRecording recording(String name, String content, ActionSpace space)
      throws IOException {
    return ActionRecording.read(Files.writeString(folder.resolve(name), content), space);
  }

  @Test
  void aScriptPressesKeysAndMovesTheMouse() {
    ActionScript script = ActionScript.parse("w*8 w+mouse-x=30*4 s+w+j+ctrl*1", CSGO.controls());
    assertEquals(13, script.frames());
    assertArrayEquals(CsgoActionSpace.values(Set.of("w"), 0, 0), values(script.at(7)));
    assertArrayEquals(CsgoActionSpace.values(Set.of("w"), 30, 0), values(script.at(8)));
    assertArrayEquals(CsgoActionSpace.values(Set.of("s", "ctrl"), -60, 0), values(script.at(12)));
  }

  /** A pixel of a player's mouse is a count; up is less. */
  @Test
  void aMouseMovesByCounts() {
    Action action = CSGO.controls().action(Set.of("l"), 0.2, 0.1);
    assertArrayEquals(CsgoActionSpace.values(Set.of(), 100, -20), values(action));
    Action far = CSGO.controls().action(Set.of(), -1e6, -1e6);
    assertArrayEquals(CsgoActionSpace.values(Set.of(), -1000, 200), values(far));
  }

  @Test
  void rowsAreReadAsTheyWereWritten() throws IOException {
    RecordedInputs.assertRoundTrip(CSGO, folder);
    RecordedInputs.assertRoundTrip(RECON, folder);
  }

  @Test
  void rowsOfNumbersAreReadAsTheyAre() throws IOException {
    float[] second = {0.5f, -1, 1e-3f};
    for (ActionRecording recording :
        List.of(
            recording("a.json", "[[1, 2, 3], [0.5, -1, 1e-3]]", RECON),
            recording("a.CSV", "1,2,3\r\n\r\n.5, -1.,+1.000E-03\r\n", RECON),
            recording(
                "b.json",
                "[{}, {\"axes\": {\"dx\": 0.5, \"dy\": -1, \"dyaw\": 0.001}}]"
                    .replace("{},", "{\"keys\": []},"),
                RECON))) {
      assertEquals(2, recording.frames());
      assertArrayEquals(second, values(recording.at(1)));
    }
    assertArrayEquals(new float[] {0, -1, 0}, values(RECON.action(ActionInput.axis("dy", -1))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a.csv  | 1,2,3;1,2     | a.csv: line 2: expected 3 numbers, found [1.0, 2.0]",
        "a.csv  | dx,dy,dyaw    | a.csv: line 1: expected a finite number in column 1, found \"dx\"",
        "a.csv  | 1,NaN,3       | a.csv: line 1: expected a finite number in column 2, found \"NaN\"",
        "a.csv  | 1,2,1e999     | line 1: expected a finite number in column 3, found \"1e999\"",
        "a.csv  | 1,,3          | line 1: expected a finite number in column 2, found nothing",
        "a.csv  | 1,2,101       | line 1: [2]: expected dyaw from -100 to 100, found 101.0",
        "a.json | [[1,2,3,4]]   | expected 3 numbers, found [1, 2, 3, 4]",
        "a.json | [[1,2,3],{}]  | expected a list, found an object",
        "a.json | [[1,2,1e999]] | expected a number",
        "a.csv  | ;             | expected a row for each frame, found none",
      })
  void refusesOtherRows(String name, String content, String message) {
    CheckpointException e =
        assertThrows(
            CheckpointException.class, () -> recording(name, content.replace(';', '\n'), RECON));
    assertTrue(e.getMessage().contains(message), e.getMessage());
    assertEquals(1, e.getMessage().lines().count());
  }

  @Test
  void axesOfARobotAreNamedByItsConfiguration() {
    assertEquals("a13", robot("{}", 13).axes().getLast().name());
    RobotActionSpace arm =
        robot(
            "{\"action_axes\": [{\"name\": \"x\", \"low\": -1, \"high\": 2}, {\"name\": \"grip\"}]}",
            2);
    assertEquals(
        List.of("x -1.0 2.0", "grip -100.0 100.0"),
        arm.axes().stream().map(a -> a.name() + " " + a.low() + " " + a.high()).toList());
    for (ActionInput input :
        List.of(
            ActionInput.axis("x", 2.5),
            ActionInput.axis("grip", Double.NaN),
            ActionInput.axis("grip", Double.POSITIVE_INFINITY),
            ActionInput.held("w"))) {
      assertThrows(IllegalArgumentException.class, () -> arm.action(input));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'name': 'x'}                  | action_axes: expected an axis for each of 2 numbers",
        "{'name': 'x'}, {'name': 'X'}   | action_axes[1]: expected a name of its own",
        "{'name': 'x'}, {'name': 'a b'} | action_axes[1]: expected a name of its own",
        "{'name': 'x'}, {'name': 'y', 'low': 1} | action_axes[1]: expected a name of its own",
      })
  void refusesAxesThatAreNone(String axes, String message) {
    String config = ("{'action_axes': [" + axes + "]}").replace('\'', '"');
    CheckpointException e = assertThrows(CheckpointException.class, () -> robot(config, 2));
    assertTrue(e.getMessage().startsWith("config.json: " + message), e.getMessage());
  }
}
