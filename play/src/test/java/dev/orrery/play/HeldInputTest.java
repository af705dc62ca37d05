package dev.orrery.play;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.model.matrixgame2.Variant;
import dev.orrery.model.session.ActionInput;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeldInputTest {
  private final HeldInput input = new HeldInput(Variant.UNIVERSAL);

  private static ActionInput only(HeldInput.Reading reading) {
    assertEquals(1, Set.copyOf(reading.inputs()).size());
    return reading.inputs().getFirst();
  }

  @Test
  void nothingIsHeldAtFirst() {
    HeldInput.Reading reading = input.take(3);
    assertEquals(List.of(ActionInput.NONE, ActionInput.NONE, ActionInput.NONE), reading.inputs());
    assertFalse(reading.changed());
    assertEquals(0, reading.time());
  }

  @Test
  void onlyTheNewestOfManyChangesCounts() {
    for (int i = 0; i < 50; i++) {
      input.hold(i % 2 == 0 ? List.of("w") : List.of("a", "s"), i);
    }
    input.hold(List.of("d"), 50);
    HeldInput.Reading reading = input.take(12);
    assertEquals(12, reading.inputs().size());
    assertEquals(ActionInput.held("right"), only(reading));
    assertEquals(50, reading.time());
    assertTrue(reading.changed());
  }

  @Test
  void keysStayHeldAndMovementsDoNot() {
    input.hold(List.of("w"), 1);
    input.look(0.4, -0.2, 2);
    input.look(0.4, 0, 3);
    Map<String, Double> moved = only(input.take(4)).axes();
    assertEquals(0.2, moved.get("yaw"), 1e-12);
    assertEquals(-0.05, moved.get("pitch"), 1e-12);
    HeldInput.Reading next = input.take(4);
    assertEquals(ActionInput.held("forward"), only(next));
    assertFalse(next.changed());
    assertEquals(3, next.time());
  }

  @Test
  void keysAndMouseTogetherStayWithinWhatTheModelCan() {
    input.hold(List.of("l"), 1);
    input.look(1e308, 0, 2);
    input.look(1e308, 0, 3);
    assertEquals(1, only(input.take(2)).axes().get("yaw"));
  }

  @Test
  void aChoiceIsTheLastKeyThatIsHeld() {
    HeldInput choices = new HeldInput(Variant.TEMPLERUN);
    assertEquals(ActionInput.NONE, only(choices.take(1)));
    choices.hold(List.of("w", "z"), 1);
    assertEquals(ActionInput.choice("turn-left"), only(choices.take(1)));
    assertThrows(IllegalArgumentException.class, () -> choices.look(1, 0, 2));
  }

  @Test
  void releasingLetsGoOfAll() {
    input.hold(List.of("w", "l"), 1);
    input.look(1, 1, 2);
    input.release();
    assertEquals(ActionInput.NONE, only(input.take(1)));
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY})
  void movementsAreFinite(double value) {
    assertThrows(IllegalArgumentException.class, () -> input.look(value, 0, 1));
    assertThrows(IllegalArgumentException.class, () -> input.look(0, value, 1));
    assertFalse(input.take(1).changed());
  }

  @Test
  void anUnknownKeyChangesNothing() {
    input.hold(List.of("w"), 1);
    Exception refused =
        assertThrows(IllegalArgumentException.class, () -> input.hold(List.of("s", "x"), 2));
    assertTrue(refused.getMessage().endsWith("found x"), refused.getMessage());
    assertEquals(ActionInput.held("forward"), only(input.take(1)));
  }
}
