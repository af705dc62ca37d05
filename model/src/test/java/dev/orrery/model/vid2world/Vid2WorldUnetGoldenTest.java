package dev.orrery.model.vid2world;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.model.golden.Golden;
import dev.orrery.runtime.trace.ActivationTrace;
import dev.orrery.runtime.trace.Trace;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Single passes of the U-Net against the reference implementation, block by block. */
class Vid2WorldUnetGoldenTest {
  /** What a sampler makes, not a pass. */
  private static final Set<String> OTHERS =
      Set.of("ar_latents", "alphas_cumprod", "ddim_timesteps", "v_first15");

  /** The larger fixture takes an emulated device long, and runs nothing that the other does not. */
  static List<Golden.Arguments> cases() {
    return Golden.cases("vid2world", "unet").stream()
        .filter(it -> !it.toString().startsWith("unet16") || !it.backendName().equals("tornado"))
        .toList();
  }

  static List<Golden.Arguments> windowsOf16() {
    return Golden.cpuCases("vid2world", "unet16");
  }

  @ParameterizedTest
  @MethodSource("cases")
  void activations(Golden.Arguments arguments) {
    try (UnetFixture fixture = new UnetFixture(arguments)) {
      ActivationTrace trace = new ActivationTrace(fixture.backend);
      fixture.velocity(fixture.golden.tensor("inputs.t").size(1), trace);
      int compared = 0;
      for (String name : fixture.golden.names()) {
        String tap = name.substring(name.indexOf('.') + 1);
        if (name.startsWith("outputs.") && !OTHERS.contains(tap)) {
          assertTrue(trace.values().containsKey(tap), tap + " was not tapped");
          Golden.assertRelative(
              tap, fixture.expected(name), trace.values().get(tap), fixture.limit());
          compared++;
        }
      }
      assertTrue(compared >= 4, compared + " taps");
    }
  }

  /** With 15 frames every frame sees all tokens of the image. */
  @ParameterizedTest
  @MethodSource("windowsOf16")
  void tokensOfTheImageAreNotSplitForOtherWindows(Golden.Arguments arguments) {
    try (UnetFixture fixture = new UnetFixture(arguments)) {
      float[] found = fixture.velocity(15, Trace.NONE);
      Golden.assertRelative(
          "v_first15", fixture.expected("outputs.v_first15"), found, fixture.limit());
    }
  }
}
