package dev.orrery.model.vid2world;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.model.golden.Golden;
import dev.orrery.runtime.trace.Trace;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The schedule, and frames made with the reference's draws. */
class Vid2WorldSamplerGoldenTest {
  /** Relative L2 error where it is computed in fp32. */
  static final double LIMIT = 2e-5;

  static List<Golden.Arguments> schedules() {
    return Golden.cpuCases("vid2world", "unet").stream()
        .filter(it -> it.backendName().equals("reference"))
        .toList();
  }

  /**
   * The larger fixture is for the window that grows, which no backend sees. On an emulated device
   * of TornadoVM single passes are compared, which is what it computes.
   */
  static List<Golden.Arguments> frames() {
    return Golden.casesOfProperties("vid2world", "unet").stream()
        .filter(it -> !it.toString().startsWith("unet16") || it.backendName().equals("cpu"))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("schedules")
  void levels(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden()) {
      int steps = golden.config().integer("ddim_steps");
      int[] timesteps = ZeroSnrSchedule.timesteps(steps);
      assertEquals(steps, timesteps.length);
      if (golden.has("outputs.alphas_cumprod")) {
        ZeroSnrSchedule schedule = new ZeroSnrSchedule();
        float[] found = new float[ZeroSnrSchedule.LEVELS];
        for (int i = 0; i < found.length; i++) {
          found[i] = (float) schedule.alphaBar(i);
        }
        assertArrayEquals(golden.floats("outputs.alphas_cumprod"), found, 1e-6f);
        long[] wanted = golden.longs("outputs.ddim_timesteps");
        // The reference has them the other way round.
        assertArrayEquals(
            wanted, IntStream.range(0, steps).mapToLong(i -> timesteps[steps - 1 - i]).toArray());
      }
    }
  }

  /** Values of the facts, for the released number of steps. */
  @Test
  void releasedLevels() {
    ZeroSnrSchedule schedule = new ZeroSnrSchedule();
    assertEquals(0.99915, schedule.alphaBar(0), 1e-8);
    assertEquals(0.960264, schedule.alphaBar(39), 1e-6);
    assertEquals(0.242359, schedule.alphaBar(499), 1e-6);
    assertEquals(8.57878e-5, schedule.alphaBar(979), 1e-9);
    assertEquals(0, schedule.alphaBar(999), 0);
    int[] timesteps = ZeroSnrSchedule.timesteps(50);
    assertEquals(999, timesteps[0]);
    assertEquals(979, timesteps[1]);
    assertEquals(19, timesteps[49]);
    assertEquals(39, Vid2WorldSampling.RELEASED.historyTimestep());
  }

  /** In fp32 some of these numbers of steps have a root of a negative number. */
  @ParameterizedTest
  @ValueSource(ints = {2, 3, 6, 7, 11, 15, 16, 20, 25, 30, 50, 1000})
  void nothingOfTheFirstNoiseIsLeft(int count) {
    List<ZeroSnrSchedule.Step> steps = new ZeroSnrSchedule().ddim(count, 1);
    ZeroSnrSchedule.Step first = steps.getFirst();
    // A step's own noise is all that x may say, and at the noisiest level x is noise alone.
    assertEquals(0, first.sample(), 1e-7);
    for (ZeroSnrSchedule.Step step : steps) {
      assertTrue(Double.isFinite(step.sample() + step.velocity() + step.noise()), step::toString);
    }
  }

  @Test
  void numbersOfStepsThatCannotBe() {
    for (int count : new int[] {-1, 0, 1, 1001}) {
      assertThrows(
          IllegalArgumentException.class, () -> Vid2WorldSampling.RELEASED.withSteps(count));
      assertThrows(IllegalArgumentException.class, () -> ZeroSnrSchedule.timesteps(count));
    }
  }

  @ParameterizedTest
  @MethodSource("frames")
  void framesOfTheReference(Golden.Arguments arguments) {
    try (SamplerFixture fixture = new SamplerFixture(arguments)) {
      double limit = arguments.isGpu() ? 2 * Golden.GPU_LIMIT : LIMIT;
      Golden.assertRelative("latents", fixture.expected(), fixture.make(Trace.NONE), limit);
    }
  }
}
