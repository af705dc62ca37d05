package dev.orrery.model.matrixgame2;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.model.session.Controls;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VariantTest {
  /** Keys as the reference encodes them: the keyboard's vector, then pitch and yaw. */
  @ParameterizedTest
  @CsvSource({
    "UNIVERSAL, w, 1 0 0 0, 0 0",
    "UNIVERSAL, s, 0 1 0 0, 0 0",
    "UNIVERSAL, a, 0 0 1 0, 0 0",
    "UNIVERSAL, d, 0 0 0 1, 0 0",
    "UNIVERSAL, q, 0 0 0 0, 0 0",
    "UNIVERSAL, '', 0 0 0 0, 0 0",
    "UNIVERSAL, i, 0 0 0 0, 0.1 0",
    "UNIVERSAL, k, 0 0 0 0, -0.1 0",
    "UNIVERSAL, j, 0 0 0 0, 0 -0.1",
    "UNIVERSAL, l, 0 0 0 0, 0 0.1",
    "UNIVERSAL, wdil, 1 0 0 1, 0.1 0.1",
    "UNIVERSAL, jl, 0 0 0 0, 0 0",
    "UNIVERSAL, ik, 0 0 0 0, 0 0",
    "UNIVERSAL, ws, 0 0 0 0, 0 0",
    "UNIVERSAL, ad, 0 0 0 0, 0 0",
    "UNIVERSAL, wsd, 0 0 0 1, 0 0",
    "UNIVERSAL, wsadl, 0 0 0 0, 0 0.1",
    "GTA_DRIVE, w, 1 0, 0 0",
    "GTA_DRIVE, s, 0 1, 0 0",
    "GTA_DRIVE, a, 0 0, 0 -0.1",
    "GTA_DRIVE, d, 0 0, 0 0.1",
    "GTA_DRIVE, q, 0 0, 0 0",
    "GTA_DRIVE, '', 0 0, 0 0",
    "GTA_DRIVE, wa, 1 0, 0 -0.1",
    "GTA_DRIVE, ws, 0 0, 0 0",
    "GTA_DRIVE, ad, 0 0, 0 0",
    "TEMPLERUN, q, 1 0 0 0 0 0 0, ''",
    "TEMPLERUN, '', 1 0 0 0 0 0 0, ''",
    "TEMPLERUN, w, 0 1 0 0 0 0 0, ''",
    "TEMPLERUN, s, 0 0 1 0 0 0 0, ''",
    "TEMPLERUN, z, 0 0 0 1 0 0 0, ''",
    "TEMPLERUN, c, 0 0 0 0 1 0 0, ''",
    "TEMPLERUN, a, 0 0 0 0 0 1 0, ''",
    "TEMPLERUN, d, 0 0 0 0 0 0 1, ''",
  })
  void encodesAsTheReference(Variant variant, String keys, String keyboard, String mouse) {
    Set<String> held = keys.chars().mapToObj(Character::toString).collect(Collectors.toSet());
    KeyboardMouse action = (KeyboardMouse) variant.controls().action(held);
    assertArrayEquals(floats(keyboard), action.keyboard());
    assertArrayEquals(floats(mouse), action.mouse());
  }

  private static float[] floats(String text) {
    if (text.isEmpty()) {
      return new float[0];
    }
    List<Float> values = Arrays.stream(text.split(" ")).map(Float::valueOf).toList();
    float[] out = new float[values.size()];
    for (int i = 0; i < out.length; i++) {
      out[i] = values.get(i);
    }
    return out;
  }

  @Test
  void everyKeyHasAMeaningAndAnAction() {
    assertEquals("wsadikjlq", keys(Variant.UNIVERSAL));
    assertEquals("wsadq", keys(Variant.GTA_DRIVE));
    assertEquals("qwszcad", keys(Variant.TEMPLERUN));
    for (Variant variant : Variant.values()) {
      Controls controls = variant.controls();
      controls.keys().keySet().forEach(key -> controls.action(Set.of(key)));
    }
  }

  private static String keys(Variant variant) {
    return variant.controls().keys().keySet().stream()
        .map(String::valueOf)
        .collect(Collectors.joining());
  }

  @Test
  void refusesKeysThatItDoesNotHave() {
    IllegalArgumentException unknown =
        assertThrows(
            IllegalArgumentException.class, () -> Variant.GTA_DRIVE.controls().action(Set.of("l")));
    assertEquals("expected one of the keys [w, s, a, d, q], found l", unknown.getMessage());
  }

  @Test
  void aRunnerDoesOneThingAtATime() {
    IllegalArgumentException two =
        assertThrows(
            IllegalArgumentException.class,
            () -> Variant.TEMPLERUN.controls().action(Set.of("w", "a")));
    assertTrue(two.getMessage().startsWith("expected one key at a time, found ["));
  }
}
