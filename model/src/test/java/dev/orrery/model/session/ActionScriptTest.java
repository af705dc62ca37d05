package dev.orrery.model.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ActionScriptTest {
  private record Held(String keys) implements Action {}

  private static final Controls CONTROLS =
      new ActionSpace() {
        @Override
        public List<String> switches() {
          return List.of("w", "s", "l");
        }

        @Override
        public List<KeyBinding> keyBindings() {
          return List.of(
              new KeyBinding("w", "forward", ActionInput.held("w")),
              new KeyBinding("s", "back", ActionInput.held("s")),
              new KeyBinding("l", "look right", ActionInput.held("l")));
        }

        @Override
        public Action encode(ActionInput input) {
          if (input.held().containsAll(Set.of("w", "s"))) {
            throw new IllegalArgumentException("forward and back exclude each other");
          }
          return new Held(String.join("", new TreeSet<>(input.held())));
        }
      }.controls();

  @Test
  void entriesFollowEachOther() {
    ActionScript script = parse("w*2 w+l*3, s*1");
    assertEquals(6, script.frames());
    assertEquals("w w lw lw lw s s s", held(script, 8));
  }

  @Test
  void anEntryWithoutNumberLastsTwelveFrames() {
    assertEquals(24, parse("w l").frames());
    assertEquals(new Held("w"), parse("w l").at(11));
    assertEquals(new Held("l"), parse("w l").at(12));
  }

  @Test
  void theLastEntryStaysHeld() {
    assertEquals(new Held("s"), parse("w*1 s*1").at(Integer.MAX_VALUE));
  }

  @Test
  void commentsAndLineEndsSeparate() {
    ActionScript script = parse("# a walk\r\nw*1# forward\n\t,L*1 #and back s*9\rs*1#end");
    assertEquals("w l s", held(script, 3));
    assertEquals(3, script.frames());
  }

  @Test
  void longScriptsFindTheirFrames() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 1000; i++) {
      text.append(i % 2 == 0 ? "w*3 " : "s*4 ");
    }
    ActionScript script = parse(text.toString());
    assertEquals(3500, script.frames());
    for (int frame = 0; frame < 3500; frame++) {
      assertEquals(new Held(frame % 7 < 3 ? "w" : "s"), script.at(frame));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'w*2 x*3'|unknown key \"x\" at line 1, column 5; keys are w forward, s back, l look right",
        "'w*2\n  ws'|expected a blank or *, found \"s\" at line 2, column 4",
        "'w+'|expected a key after + at line 1, column 3",
        "'w+ l'|expected a key after + at line 1, column 3",
        "'w+w'|key \"w\" is named twice at line 1, column 3",
        "'l w+s*2'|w+s: forward and back exclude each other at line 1, column 3",
        "'w*'|expected a number of frames after * at line 1, column 3",
        "'w*-1'|expected a number of frames after * at line 1, column 3",
        "'w*0'|expected 1 to 1000000 frames at line 1, column 3",
        "'w*1000001'|expected 1 to 1000000 frames at line 1, column 3",
        "'w*99999999999999999999999'|expected 1 to 1000000 frames at line 1, column 3",
        "'w*3.5'|expected a blank or *, found \".\" at line 1, column 4",
        "''|no entry found; an entry looks like w*12 at line 1, column 1",
        "' # w*2'|no entry found; an entry looks like w*12 at line 1, column 7",
      })
  void mistakesAreNamedWithTheirPosition(String text, String expected) {
    assertEquals("actions: " + expected, message(text));
  }

  @Test
  void hostileTextsAreRefused() {
    assertEquals("actions: longer than 1000000 characters: 1000001", message("w".repeat(1000001)));
    assertEquals(
        "actions: more than 100000000 frames in all at line 101, column 1",
        message("w*1000000\n".repeat(102)));
    assertEquals(
        "actions: unknown key U+0000 at line 1, column 1; keys are w forward, s back, l look right",
        message("\0"));
    // An override of the direction of writing would turn the message around.
    assertEquals(
        "actions: expected a blank or *, found U+202E at line 1, column 2", message("w\u202ew"));
  }

  @Test
  void framesBeforeTheBeginningDoNotExist() {
    assertEquals(
        "frame: expected 0 or more, found -1",
        assertThrows(IllegalArgumentException.class, () -> parse("w").at(-1)).getMessage());
  }

  private static ActionScript parse(String text) {
    return ActionScript.parse(text, CONTROLS);
  }

  private static String message(String text) {
    return assertThrows(ActionSyntaxException.class, () -> parse(text)).getMessage();
  }

  private static String held(ActionScript script, int frames) {
    StringBuilder held = new StringBuilder();
    for (int frame = 0; frame < frames; frame++) {
      held.append(' ').append(((Held) script.at(frame)).keys());
    }
    return held.substring(1);
  }
}
