package dev.orrery.model.golden;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.model.byt5.Byt5Traps;
import dev.orrery.model.genie1x.Genie1xTraps;
import dev.orrery.model.jafar.JafarTraps;
import dev.orrery.model.magvit2.Magvit2Traps;
import dev.orrery.model.oasis.OasisTraps;
import dev.orrery.model.qwen.QwenTraps;
import dev.orrery.model.sampling.SamplerTraps;
import dev.orrery.model.siglip.SiglipTraps;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The traps of Oasis, Genie and WorldPlay-8B: each of these mistakes, made on purpose, moves a
 * fixture out of its limit.
 */
class TrapsGoldenTest {
  static List<Trap> traps() {
    return Stream.of(
            OasisTraps.all(),
            JafarTraps.all(),
            Genie1xTraps.all(),
            SamplerTraps.all(),
            Magvit2Traps.all(),
            QwenTraps.all(),
            Byt5Traps.all(),
            SiglipTraps.all())
        .flatMap(List::stream)
        .toList();
  }

  @ParameterizedTest
  @MethodSource("traps")
  void showsInAFixture(Trap trap) {
    double sound = trap.sound().getAsDouble();
    assertTrue(
        sound <= trap.limit(), () -> trap + ": " + sound + " above " + trap.limit() + " without");
    double spoilt = trap.spoilt().getAsDouble();
    assertTrue(
        spoilt > trap.limit(), () -> trap + ": " + spoilt + " within " + trap.limit() + " with");
  }
}
