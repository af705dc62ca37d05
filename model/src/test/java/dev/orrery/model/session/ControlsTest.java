package dev.orrery.model.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.model.session.WalkingActions.Did;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ControlsTest {
  private static final Controls CONTROLS = new WalkingActions().controls();

  /** The axes reach from -1 to 1 to the right and from -0.5 to 1 up; the key moves by 0.5. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "w|0.25|-0.5|[forward] {look-x=0.25, look-y=-0.5} walk",
        "w|0|0|[forward] walk",
        "w|0|-0.0|[forward] walk",
        "l|0|0.1|[] {look-x=0.5, look-y=0.1} walk",
        "l|0.25|0|[] {look-x=0.75} walk",
        "l|-0.5|0|[] {look-x=0.0} walk",
        "l|0.75|0|[] {look-x=1.0} walk",
        "w|1e308|-1e308|[forward] {look-x=1.0, look-y=-0.5} walk",
        "w|-2|2|[forward] {look-x=-1.0, look-y=1.0} walk",
      })
  void aMouseTurnsAsFastAsTheModelCan(String key, double right, double up, String expected) {
    assertEquals(new Did(expected), CONTROLS.action(Set.of(key), right, up));
  }

  @Test
  void nobodyAtTheKeysIsRest() {
    assertEquals(new Did("[] {look-x=1.0} walk"), CONTROLS.action(Set.of(), 1, 0));
  }

  @Test
  void upLowersSomeAxes() {
    ActionSpace down =
        new Looking(Optional.of(new ActionSpace.Mouse("yaw", "down", false)), List.of());
    assertEquals(
        new ActionInput(Set.of(), Map.of("down", -0.5), Optional.empty()),
        down.controls().input(Set.of(), 0, 0.5));
  }

  @Test
  void movementsThatAreNoneAreRefused() {
    assertEquals("look-x: expected a finite movement, found NaN", refusal(CONTROLS, Double.NaN, 0));
    assertEquals(
        "look-y: expected a finite movement, found -Infinity",
        refusal(CONTROLS, 0, Double.NEGATIVE_INFINITY));
  }

  @Test
  void aModelWithoutAMouseTakesNone() {
    Controls none = new Looking(Optional.empty(), List.of()).controls();
    assertFalse(none.hasMouse());
    assertFalse(none.hasCamera());
    assertTrue(CONTROLS.hasMouse());
    assertEquals("the model takes no mouse", refusal(none, 0, 0));
  }

  private static String refusal(Controls controls, double right, double up) {
    return assertThrows(IllegalArgumentException.class, () -> controls.action(Set.of(), right, up))
        .getMessage();
  }

  /** Only what is held together is undone, and what else is held stays. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "in out|[]",
        "in|[in]",
        "in out near|[near]",
        "in out near far|[]",
        "in far|[far, in]",
      })
  void oppositesUndoEachOther(String held, String expected) {
    Looking space =
        new Looking(Optional.empty(), List.of(Set.of("in", "out"), Set.of("near", "far")));
    assertEquals(new Did(expected), space.action(ActionInput.held(held.split(" "))));
  }

  /** Two axes, and switches that undo each other. */
  private record Looking(Optional<Mouse> mouse, List<Set<String>> opposites)
      implements ActionSpace {
    @Override
    public List<String> switches() {
      return List.of("in", "out", "near", "far");
    }

    @Override
    public List<Axis> axes() {
      return List.of(new Axis("yaw", -1, 1, "right"), new Axis("down", -1, 1, "down"));
    }

    @Override
    public List<KeyBinding> keyBindings() {
      return List.of();
    }

    @Override
    public Action encode(ActionInput input) {
      return new Did(input.held().stream().sorted().toList().toString());
    }
  }
}
