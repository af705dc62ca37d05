package dev.orrery.model.vid2world;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.model.golden.Golden;
import dev.orrery.model.session.ActionInput;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class Vid2WorldActionsGoldenTest {
  private static final CsgoActionSpace SPACE = CsgoActionSpace.INSTANCE;

  static Stream<Golden.Arguments> rollouts() {
    return Golden.cpuCases("vid2world", "rollout").stream()
        .filter(it -> it.backendName().equals("reference"));
  }

  static Stream<Arguments> tables() {
    return rollouts().flatMap(it -> Stream.of("table_", "").map(name -> Arguments.of(it, name)));
  }

  /** Every key and button, every distance, half way between two and beyond the ends. */
  @ParameterizedTest
  @MethodSource("tables")
  void numbersOfActions(Golden.Arguments rollout, String table) {
    try (Golden golden = rollout.golden()) {
      byte[] keys = golden.bytes("inputs." + table + "keys");
      byte[] buttons = golden.bytes("inputs." + table + "buttons");
      float[] mouse = golden.floats("inputs." + table + "mouse");
      float[] expected = golden.floats("outputs." + table + "actions");
      int rows = mouse.length / 2;
      float[] found = new float[rows * CsgoActionSpace.DIM];
      for (int row = 0; row < rows; row++) {
        float[] values =
            CsgoActionSpace.values(held(keys, buttons, row), mouse[2 * row], mouse[2 * row + 1]);
        System.arraycopy(values, 0, found, row * values.length, values.length);
      }
      assertTrue(rows > 0);
      assertArrayEquals(expected, found);
    }
  }

  private static Set<String> held(byte[] keys, byte[] buttons, int row) {
    int keyCount = CsgoActionSpace.SWITCHES.size() - 2;
    Set<String> held = new LinkedHashSet<>();
    for (int i = 0; i < CsgoActionSpace.SWITCHES.size(); i++) {
      int pressed = i < keyCount ? keys[row * keyCount + i] : buttons[2 * row + i - keyCount];
      if (pressed == 1) {
        held.add(CsgoActionSpace.SWITCHES.get(i));
      }
    }
    return held;
  }

  /** What is pressed later is dropped, in whatever order texts and players name it. */
  @ParameterizedTest
  @MethodSource("rollouts")
  void ofKeysThatContradictTheFirstStays(Golden.Arguments rollout) {
    try (Golden golden = rollout.golden()) {
      List<JsonValue> conflicts = golden.config().get("conflicts").asList();
      assertTrue(!conflicts.isEmpty());
      for (JsonValue conflict : conflicts) {
        Set<String> pressed = names(conflict.get("pressed"));
        float[] kept = CsgoActionSpace.values(names(conflict.get("kept")), 0, 0);
        ActionInput input = new ActionInput(pressed, Map.of(), Optional.empty());
        assertArrayEquals(kept, ((Vid2WorldAction) SPACE.action(input)).values());
        assertArrayEquals(kept, ((Vid2WorldAction) SPACE.controls().action(pressed)).values());
      }
    }
  }

  private static Set<String> names(JsonValue list) {
    return new LinkedHashSet<>(list.asList().stream().map(JsonValue::asString).toList());
  }
}
