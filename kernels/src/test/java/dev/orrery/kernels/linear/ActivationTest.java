package dev.orrery.kernels.linear;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.orrery.kernels.CudaConstants;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ActivationTest {
  /** A code that meant another function on a GPU would give plausible wrong images. */
  @Test
  void cudaSourcesHaveTheSameCodes() {
    CudaConstants source = CudaConstants.of("activation.cuh");
    Map<Activation, Integer> codes = new EnumMap<>(Activation.class);
    Map<Activation, Integer> expected = new EnumMap<>(Activation.class);
    for (Activation activation : Activation.values()) {
      codes.put(activation, activation.code());
      expected.put(activation, source.number(name(activation)));
    }
    assertEquals(expected, codes);
  }

  /** The name of a constant there: {@code kGeluTanh} for GELU_TANH. */
  private static String name(Activation activation) {
    StringBuilder name = new StringBuilder("k");
    for (String word : activation.name().split("_")) {
      name.append(word.charAt(0)).append(word.substring(1).toLowerCase(Locale.ROOT));
    }
    return name.toString();
  }
}
