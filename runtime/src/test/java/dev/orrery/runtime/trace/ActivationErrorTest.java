package dev.orrery.runtime.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ActivationErrorTest {
  @Test
  void measuresAngleAndDistance() {
    ActivationError drift = ActivationError.between("x", new float[] {3, 4}, new float[] {3, 0});
    assertEquals(0.6, drift.cosine(), 1e-12);
    assertEquals(0.8, drift.relativeL2(), 1e-12);
    assertEquals(
        new ActivationError("0", 1, 0), ActivationError.between("0", new float[2], new float[2]));
  }

  @Test
  void comparesTheNamesAskedForInTheirOrder() {
    Map<String, float[]> expected = new LinkedHashMap<>();
    expected.put("block1.out", new float[] {1});
    expected.put("block0.in", new float[] {1});
    expected.put("block0.out", new float[] {2});
    Map<String, float[]> actual =
        Map.of("block0.out", new float[] {1}, "block1.out", new float[] {1});
    assertEquals(
        List.of(new ActivationError("block1.out", 1, 0), new ActivationError("block0.out", 1, 0.5)),
        ActivationError.between(expected, actual, name -> name.endsWith(".out")));
    assertEquals(
        "block0.in: expected in both runs, found in one",
        assertThrows(
                IllegalArgumentException.class,
                () -> ActivationError.between(expected, actual, name -> true))
            .getMessage());
    assertEquals(
        "x: expected 1 values, found 2",
        assertThrows(
                IllegalArgumentException.class,
                () -> ActivationError.between("x", new float[1], new float[2]))
            .getMessage());
  }
}
