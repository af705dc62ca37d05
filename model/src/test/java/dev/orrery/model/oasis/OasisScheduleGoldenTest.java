package dev.orrery.model.oasis;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.orrery.model.golden.Golden;
import dev.orrery.model.sampling.SigmoidSchedule;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class OasisScheduleGoldenTest {
  static List<Golden.Arguments> cases() {
    return Golden.cpuCases("oasis", "rollout").stream()
        .filter(it -> it.backendName().equals("cpu"))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void isTheReferenceToTheBit(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden()) {
      SigmoidSchedule schedule = new SigmoidSchedule();
      assertArrayEquals(golden.doubles("outputs.betas_f64"), schedule.betas(), 1e-14);
      assertArrayEquals(golden.floats("outputs.alphas_cumprod"), schedule.alphaBars());
      int steps = golden.config().integer("ddim_steps");
      List<SigmoidSchedule.Step> ddim = schedule.ddim(steps);
      assertEquals(steps, ddim.size());
      int frames = golden.config().integer("prompt_frames");
      int window = golden.config().get("dit").integer("max_frames");
      for (int i = 0; golden.has(call(i) + "t"); i++) {
        long[] timesteps = golden.longs(call(i) + "t");
        assertEquals(
            Math.min(frames + i / steps + 1, window), timesteps.length, "frames of call " + i);
        assertEquals(timesteps[timesteps.length - 1], ddim.get(i % steps).timestep(), "call " + i);
      }
    }
  }

  private static String call(int i) {
    return "outputs.call%03d.".formatted(i);
  }

  /** Of ten steps, worked out by hand: the last one leaves sqrt(share) x - sqrt(1 - share) v. */
  @Test
  void tenSteps() {
    SigmoidSchedule schedule = new SigmoidSchedule();
    List<SigmoidSchedule.Step> steps = schedule.ddim(10);
    assertEquals(
        List.of(999, 899, 799, 699, 599, 499, 399, 299, 199, 99),
        steps.stream().map(SigmoidSchedule.Step::timestep).toList());
    assertEquals(0.9605071, schedule.alphaBars()[99], 1e-7);
    assertEquals(Math.sqrt(0.9605071), steps.getLast().sample(), 1e-7);
    assertEquals(-Math.sqrt(1 - 0.9605071), steps.getLast().velocity(), 1e-6);
    assertEquals(3.00283e-7, schedule.alphaBars()[999], 1e-12);
  }
}
