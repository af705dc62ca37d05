package dev.orrery.model.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.model.session.WalkingActions.Did;
import dev.orrery.runtime.checkpoint.CheckpointException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ActionRecordingTest {
  private static final String WALK = "{\"keys\": [\"w\"]}";

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[%s, %s, %s]",
        "%s\n%s\n%s",
        "%s\r\n%s\r\n\r\n%s\r\n",
        "%s %s\t%s",
        "\ufeff[%s,\n %s,\n %s]\n",
      })
  void rowsAreAListOrFollowEachOther(String form) throws IOException {
    ActionRecording recording =
        read(
            form.formatted(
                "{\"keys\": [\"W\", \"space\"], \"axes\": {\"look-x\": 0.2}}",
                "{\"axes\": {\"Look-Y\": -0.5, \"look-x\": 1e-1}, \"keys\": null}",
                "{\"keys\": [\"run\", \"ESC\", \"l\"]}"));
    assertEquals(3, recording.frames());
    assertEquals(new Did("[forward, jump] {look-x=0.2} walk"), recording.at(0));
    assertEquals(new Did("[] {look-x=0.1, look-y=-0.5} walk"), recording.at(1));
    Did last = new Did("[ESC] {look-x=0.5} run");
    assertEquals(last, recording.at(2));
    // The last one stays held.
    assertEquals(last, recording.at(3));
    assertEquals(last, recording.at(Integer.MAX_VALUE));
    assertThrows(IllegalArgumentException.class, () -> recording.at(-1));
  }

  @Test
  void nothingHeldIsARow() throws IOException {
    assertEquals(new Did("[] walk"), read("{\"keys\": []}").at(0));
    assertEquals(new Did("[] walk"), read("{\"axes\": {}}").at(0));
  }

  @Test
  void rowsAreReadAsTheyWereWritten() throws IOException {
    ActionSpace space = new WalkingActions();
    RecordedInputs.assertRoundTrip(space, folder);
    assertEquals(
        "{\"keys\":[\"run\",\"ESC\",\"jump\"],\"axes\":{\"look-x\":-0.0,\"look-y\":0.30000000000000004}}",
        ActionRecording.row(
            ActionInput.choice("run")
                .and(ActionInput.held("ESC", "jump"))
                .and(ActionInput.axis("look-y", 0.1 + 0.2))
                .and(ActionInput.axis("look-x", -0.0)),
            space));
    assertEquals("{\"keys\":[]}", ActionRecording.row(ActionInput.NONE, space));
  }

  @Test
  void rowsOfAnotherSpaceAreNotWritten() {
    ActionSpace space = new WalkingActions();
    for (ActionInput input :
        List.of(
            ActionInput.held("sneak"),
            ActionInput.choice("fly"),
            ActionInput.axis("look-x", Double.NaN),
            ActionInput.axis("look-y", -0.6))) {
      assertThrows(IllegalArgumentException.class, () -> ActionRecording.row(input, space));
    }
  }

  /** As a word it is the key of the other switch. */
  @Test
  void aSwitchThatIsNamedLikeAnotherKeyIsWrittenAsItsOwn() throws IOException {
    ActionSpace space = new Crossed(List.of("e", "w"));
    RecordedInputs.assertRoundTrip(space, folder);
    assertEquals("{\"keys\":[\"e\"]}", ActionRecording.row(ActionInput.held("w"), space));
    ActionSpace hidden = new Crossed(List.of("w"));
    assertEquals(
        "a recording cannot name w: the word means something else",
        assertThrows(
                IllegalArgumentException.class,
                () -> ActionRecording.row(ActionInput.held("w"), hidden))
            .getMessage());
  }

  /** Two switches, and keys each of which has the name of the other one. */
  private record Crossed(List<String> keys) implements ActionSpace {
    @Override
    public List<String> switches() {
      return List.of("w", "e");
    }

    @Override
    public List<KeyBinding> keyBindings() {
      return keys.stream()
          .map(key -> new KeyBinding(key, "other", ActionInput.held(key.equals("w") ? "e" : "w")))
          .toList();
    }

    @Override
    public Action encode(ActionInput input) {
      return new Did(new TreeSet<>(input.held()).toString());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "|expected a row for each frame, found none",
        "[]|expected a row for each frame, found none",
        "[WALK, WALK|frame 2: invalid JSON at line 1, column ",
        "[WALK, {'keys': ['w'|frame 1: invalid JSON at line 1, column ",
        "WALK {'keys'|frame 1: invalid JSON at line 1, column ",
        "[WALK] WALK|invalid JSON at line 1, column 20: trailing content",
        "[WALK, , WALK]|frame 1: invalid JSON at line 1, column ",
        "WALK, WALK|frame 1: invalid JSON at line 1, column ",
        "WALK 3|frame 1: expected an object, found 3",
        "[WALK, null]|frame 1: expected an object, found null",
        "[WALK, [0, 1, 0, 0.5]]|frame 1: expected an object, found [0, 1, 0, 0.5]",
        "[[WALK]]|frame 0: expected an object, found [an object]",
        "{'frames': [WALK]}|frame 0: frames: expected only keys and axes, found [an object]",
        "[WALK, {}]|frame 1: expected an object with keys, axes or both, found an object",
        "{'keys': 'w'}|frame 0: keys: expected a list, found \"w\"",
        "{'keys': [1]}|frame 0: keys[0]: expected a string, found 1",
        "{'keys': ['w', 'x']}|frame 0: keys[1]: expected what the model knows (keys are w forward,",
        "{'keys': ['run', 'w', 'walk']}|frame 0: keys[2]: expected one choice at a time, found run and walk",
        "{'axes': ['look-x']}|frame 0: axes: expected an object, found [\"look-x\"]",
        "{'axes': {'yaw': 0}}|frame 0: axes.yaw: unknown axis; axes are look-x -1 to 1, look-y -0.5 to 1",
        "{'axes': {'look-x': 1.5}}|frame 0: axes.look-x: expected -1 to 1, found 1.5",
        "{'axes': {'look-x': '0'}}|frame 0: axes.look-x: expected a number, found \"0\"",
        "{'axes': {'look-x': 1e999}}|frame 0: axes.look-x: expected a number, found 1e999",
        "{'axes': {'look-x': NaN}}|frame 0: invalid JSON at line 1, column ",
        "{'axes': {'look-x': 1, 'look-x': 1}}|frame 0: invalid JSON at line 1, column ",
        "{'axes': {'look-x': 0, 'LOOK-X': 0}}|frame 0: axes.LOOK-X: expected an axis once, found it twice",
        "{'keys': ['l'], 'axes': {'look-x': 0.75}}|frame 0: action: look-x: expected -1.0 to 1.0, found 1.25",
      })
  void mistakesAreNamedWithTheirFrame(String text, String expected) {
    String json = text == null ? "" : text.replace('\'', '"').replace("WALK", WALK);
    String message = assertThrows(CheckpointException.class, () -> read(json)).getMessage();
    String start = folder.resolve("actions.json") + ": " + expected;
    assertTrue(message.startsWith(start), () -> message + "\n" + start);
    assertEquals(1, message.lines().count());
  }

  /** Ten gigabytes of nothing, which no disk holds: the size alone is looked at. */
  @Test
  void hugeFilesAreRefusedWithoutReadingThem() throws IOException {
    Path file = folder.resolve("actions.json");
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(10_000_000_000L);
    }
    assertEquals(
        file + ": too long, expected at most 64000000 bytes of text, found 10000000000",
        message(file));
  }

  @Test
  void tooManyFramesAreRefused() throws IOException {
    Path file = Files.writeString(folder.resolve("actions.json"), WALK.repeat(100_001));
    assertEquals(file + ": expected at most 100000 frames, found more", message(file));
    Files.writeString(file, WALK.repeat(100_000));
    assertEquals(100_000, ActionRecording.read(file, new WalkingActions()).frames());
    // All of Minecraft's switches at once.
    String talkative =
        "{\"keys\": ["
            + "\"w\",".repeat(22)
            + "\"w\"], \"axes\": {\"look-x\": 1, \"look-y\": 1}}\n";
    Files.writeString(file, talkative.repeat(100_000));
    assertEquals(100_000, ActionRecording.read(file, new WalkingActions()).frames());
  }

  @Test
  void whatCannotBeReadIsNamed() throws IOException {
    Path file = folder.resolve("none.json");
    assertEquals(file + ": cannot be read: no such file or folder", message(file));
    Files.write(file, new byte[] {'[', (byte) 0xff});
    assertEquals(
        file + ": expected a text in UTF-8, found other bytes at line 1, column 2", message(file));
  }

  @Test
  void aModelWithoutActionsTakesNone() throws IOException {
    Path file = Files.writeString(folder.resolve("actions.json"), WALK);
    ActionSpace none =
        new ActionSpace() {
          @Override
          public List<KeyBinding> keyBindings() {
            return List.of();
          }

          @Override
          public Action encode(ActionInput input) {
            return new Did("");
          }
        };
    assertEquals(
        "actions: the model goes on by itself and takes none",
        assertThrows(ActionSyntaxException.class, () -> ActionRecording.read(file, none))
            .getMessage());
  }

  private ActionRecording read(String text) throws IOException {
    return ActionRecording.read(
        Files.writeString(folder.resolve("actions.json"), text), new WalkingActions());
  }

  private static String message(Path file) {
    return assertThrows(
            CheckpointException.class, () -> ActionRecording.read(file, new WalkingActions()))
        .getMessage();
  }
}
