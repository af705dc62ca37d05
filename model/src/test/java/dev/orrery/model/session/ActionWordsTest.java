package dev.orrery.model.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.model.session.WalkingActions.Did;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Scripts name keys of any length, switches, choices and axes. */
class ActionWordsTest {
  private static final String KNOWN =
      "; keys are w forward, space jump, 3 third item, l look right; also walk, run, hotbar.3, ESC;"
          + " axes are look-x -1 to 1, look-y -0.5 to 1";

  private static final Controls CONTROLS = new WalkingActions().controls();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "w|[forward] walk",
        "FORWARD|[forward] walk",
        "w+Space*2|[forward, jump] walk",
        "hotbar.3|[hotbar.3] walk",
        "esc+jump|[ESC, jump] walk",
        "run|[] run",
        "w+RUN|[forward] run",
        // A choice of the same name as a key means the choice.
        "3|[] 3",
        "w+look-x=0.25*6|[forward] {look-x=0.25} walk",
        "look-x=+1|[] {look-x=1.0} walk",
        "Look-Y=-.5+w|[forward] {look-y=-0.5} walk",
        "look-x=1.+look-y=00.125|[] {look-x=1.0, look-y=0.125} walk",
        "l|[] {look-x=0.5} walk",
        // Keys that move an axis add to its value.
        "l+look-x=0.25|[] {look-x=0.75} walk",
      })
  void wordsAreKeysSwitchesChoicesAndAxes(String text, String expected) {
    assertEquals(new Did(expected), ActionScript.parse(text, CONTROLS).at(0));
  }

  @Test
  void numbersEndWhereTheFramesBegin() {
    ActionScript script = ActionScript.parse("w+look-x=0.25*6,look-x=-1*2 3*4", CONTROLS);
    assertEquals(12, script.frames());
    assertEquals(new Did("[forward] {look-x=0.25} walk"), script.at(5));
    assertEquals(new Did("[] {look-x=-1.0} walk"), script.at(7));
    assertEquals(new Did("[] 3"), script.at(8));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "w spcae|unknown key \"spcae\" at line 1, column 3KNOWN",
        "w+hotbar.4|unknown key \"hotbar.4\" at line 1, column 3KNOWN",
        // Keys of one letter without the + between them.
        "w wl|expected a blank or *, found \"l\" at line 1, column 4",
        "look=0.5|unknown axis \"look\" at line 1, column 1; axes are look-x -1 to 1, look-y -0.5 to 1",
        "w=1|unknown axis \"w\" at line 1, column 1; axes are look-x -1 to 1, look-y -0.5 to 1",
        "=1|unknown key \"=\" at line 1, column 1KNOWN",
        "look-x|expected = and -1 to 1 after look-x at line 1, column 7",
        "w+look-x*3|expected = and -1 to 1 after look-x at line 1, column 9",
        "look-x=|look-x: expected -1 to 1, found nothing at line 1, column 8",
        "look-x= 0.5|look-x: expected -1 to 1, found nothing at line 1, column 8",
        "look-x=1.01|look-x: expected -1 to 1, found \"1.01\" at line 1, column 8",
        "look-y=-0.6|look-y: expected -0.5 to 1, found \"-0.6\" at line 1, column 8",
        "look-x=NaN|look-x: expected -1 to 1, found \"NaN\" at line 1, column 8",
        "look-x=Infinity|look-x: expected -1 to 1, found \"Infinity\" at line 1, column 8",
        "look-x=1e-3|look-x: expected -1 to 1, found \"1e-3\" at line 1, column 8",
        "look-x=0x0p0|look-x: expected -1 to 1, found \"0x0p0\" at line 1, column 8",
        "look-x=-|look-x: expected -1 to 1, found \"-\" at line 1, column 8",
        "look-x=.|look-x: expected -1 to 1, found \".\" at line 1, column 8",
        "look-x=0.1.2|look-x: expected -1 to 1, found \"0.1.2\" at line 1, column 8",
        "look-x=0,5|unknown key \"5\" at line 1, column 10KNOWN",
        "look-x=0+w+LOOK-X=0|axis \"LOOK-X\" is named twice at line 1, column 12",
        "w+W|key \"W\" is named twice at line 1, column 3",
        "l+look-x=0.75|l+look-x=0.75: action: look-x: expected -1.0 to 1.0, found 1.25 at line 1, column 1",
        "w walk+w+run|walk+w+run: expected one choice at a time, found walk and run at line 1, column 3",
      })
  void mistakesAreNamedWithTheirPosition(String text, String expected) {
    assertEquals("actions: " + expected.replace("KNOWN", KNOWN), message(text, CONTROLS));
  }

  @Test
  void hostileWordsAreShortened() {
    String shown = "a".repeat(40) + "...";
    assertEquals(
        "actions: unknown key \"" + shown + "\" at line 1, column 1" + KNOWN,
        message("a".repeat(999_999), CONTROLS));
    String digits = "9".repeat(40) + "...";
    assertEquals(
        "actions: look-x: expected -1 to 1, found \"" + digits + "\" at line 1, column 8",
        message("look-x=" + "9".repeat(900_000), CONTROLS));
    assertEquals(
        "actions: look-x: expected -1 to 1, found \"0U+202E5\" at line 1, column 8",
        message("look-x=0\u202e5", CONTROLS));
  }

  /** A model that only goes on has nothing that a script could say. */
  @Test
  void aModelWithoutActionsTakesNone() {
    ActionSpace none = space(List.of(), List.of());
    assertTrue(none.isEmpty());
    assertEquals(
        "actions: the model goes on by itself and takes none", message("w", none.controls()));
    assertEquals(
        "actions: the model goes on by itself and takes none", message("", none.controls()));
    assertEquals(ActionInput.NONE, none.rest());
  }

  @Test
  void choicesAloneAreWords() {
    ActionSpace numbers = space(List.of("0", "1", "10"), List.of());
    ActionScript script = ActionScript.parse("10*1 0", numbers.controls());
    assertEquals(new Did("10"), script.at(0));
    assertEquals(new Did("0"), script.at(1));
    assertEquals(
        "actions: unknown key \"2\" at line 1, column 1; names are 0, 1, 10",
        message("2", numbers.controls()));
    assertEquals(
        "actions: no entry found; an entry looks like 0*12 at line 1, column 1",
        message("", numbers.controls()));
    // Nobody steers, and there is no "nothing": the first one.
    assertEquals(ActionInput.choice("0"), numbers.rest());
    assertEquals(new Did("0"), numbers.controls().action(Set.of()));
    assertEquals(
        "action: expected one of the choices [0, 1, 10], found none",
        assertThrows(IllegalArgumentException.class, () -> numbers.action(ActionInput.NONE))
            .getMessage());
    assertEquals(ActionInput.NONE, new WalkingActions().rest());
  }

  @Test
  void axesAloneAreWords() {
    ActionSpace dial = space(List.of(), List.of(new ActionSpace.Axis("dial", 0, 0.5, "on")));
    assertEquals(new Did("{dial=0.5}"), ActionScript.parse("dial=0.5", dial.controls()).at(0));
    assertEquals(
        "actions: no entry found; an entry looks like dial=0.5*12 at line 1, column 1",
        message("", dial.controls()));
    assertEquals(
        "actions: unknown key \"w\" at line 1, column 1; axes are dial 0 to 0.5",
        message("w", dial.controls()));
  }

  @Test
  void keysAreLowerCaseLettersAndDigits() {
    for (String key : List.of("", "W", "shift+w", "a b", "\u00e9", "-")) {
      assertThrows(
          IllegalArgumentException.class,
          () -> new ActionSpace.KeyBinding(key, "nothing", ActionInput.NONE),
          key);
    }
  }

  private static String message(String text, Controls controls) {
    return assertThrows(ActionSyntaxException.class, () -> ActionScript.parse(text, controls))
        .getMessage();
  }

  private static ActionSpace space(List<String> choices, List<ActionSpace.Axis> axes) {
    return new ActionSpace() {
      @Override
      public List<String> choices() {
        return choices;
      }

      @Override
      public List<Axis> axes() {
        return axes;
      }

      @Override
      public List<KeyBinding> keyBindings() {
        return List.of();
      }

      @Override
      public Action encode(ActionInput input) {
        return new Did(input.choice().orElseGet(() -> input.axes().toString()));
      }
    };
  }
}
