package dev.orrery.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Products, convolutions and attention give the bits that they give here on every other kind of
 * machine, so what their tests prove here holds there: the tiles and all that is cut to their size.
 */
class VectorWidthTest {
  @ParameterizedTest
  @CsvSource({"128, aarch64, 8 x 12", "256, amd64, 16 x 6", "512, amd64, 32 x 12"})
  void everyWidthGivesTheSameBits(int bits, String arch, String tile) throws Exception {
    Map<String, float[]> here = new VectorWidthCases().get();
    Class<?> there = new KernelsOfWidth(bits, arch).loadClass(VectorWidthCases.class.getName());
    @SuppressWarnings("unchecked")
    var cases = (Supplier<Map<String, float[]>>) there.getConstructor().newInstance();
    assertEquals(tile, cases.toString());
    Map<String, float[]> results = cases.get();
    assertEquals(here.keySet(), results.keySet());
    here.forEach((name, values) -> assertArrayEquals(values, results.get(name), name));
  }
}
