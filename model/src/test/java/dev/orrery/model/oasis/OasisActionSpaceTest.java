package dev.orrery.model.oasis;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.orrery.runtime.checkpoint.JsonValue;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OasisActionSpaceTest {
  private static final OasisActionSpace SPACE = OasisActionSpace.INSTANCE;

  private static float[] values(Set<String> keys) {
    return ((OasisAction) SPACE.controls().action(keys)).values();
  }

  @Test
  void oppositesUndoEachOther() {
    assertArrayEquals(values(Set.of()), values(Set.of("w", "s")));
    assertArrayEquals(values(Set.of()), values(Set.of("a", "d")));
    assertArrayEquals(values(Set.of("d", "space")), values(Set.of("w", "s", "d", "space")));
  }

  /** What somebody played is what the model is shown. */
  @Test
  void recordingsOfVptStayAsTheyAre() {
    String row =
        SPACE.switches().stream()
            .map(name -> "\"" + name + "\":" + (name.matches("forward|back") ? 1 : 0))
            .collect(Collectors.joining(",", "{", ",\"camera\":[40,40]}"));
    JsonValue json = JsonValue.parse("row", row.getBytes(StandardCharsets.UTF_8));
    OasisAction action = (OasisAction) SPACE.recorded(List.of(json)).getFirst();
    assertEquals(1, action.values()[OasisActionSpace.ENTRIES.indexOf("forward")]);
    assertEquals(1, action.values()[OasisActionSpace.ENTRIES.indexOf("back")]);
  }

  /** Up is less: the axis looks down. */
  @ParameterizedTest
  @CsvSource({"0.5, 0.25, 0.5, -0.25", "-3, -3, -1, 1"})
  void aMouseLooksAround(double right, double up, float x, float y) {
    float[] values = ((OasisAction) SPACE.controls().action(Set.of("w"), right, up)).values();
    assertEquals(x, values[OasisActionSpace.ENTRIES.indexOf(OasisActionSpace.HORIZONTAL)]);
    assertEquals(y, values[OasisActionSpace.ENTRIES.indexOf(OasisActionSpace.VERTICAL)]);
    assertEquals(1, values[OasisActionSpace.ENTRIES.indexOf("forward")]);
  }
}
