package dev.orrery.model.vid2world;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.norm.GroupNorm;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.golden.SpoiltWeights;
import dev.orrery.model.session.ForwardingBackend;
import dev.orrery.runtime.trace.Trace;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the newest frame of a window says to the earlier ones: nothing, but for the norms over the
 * window. They are why the sampler runs the whole window for each step.
 */
class Vid2WorldCausalityGoldenTest {
  static List<Golden.Arguments> cases() {
    return Golden.cpuCases("vid2world", "unet").stream()
        .filter(it -> it.backendName().equals("cpu"))
        .toList();
  }

  /** Norms over a window take their statistics from nowhere: a mean of 0 and a variance of 1. */
  private static GroupNorm frozen(GroupNorm norm) {
    return (x, groups, weight, bias, eps, activation, out) -> {
      if (x.size(0) > 1) {
        norm.run(x, groups, weight, bias, eps, activation, out);
        return;
      }
      FloatView in = FloatView.of(x);
      FloatView result = FloatView.of(out);
      FloatView factors = FloatView.of(weight);
      FloatView offsets = FloatView.of(bias);
      for (long i = 0; i < x.elements(); i++) {
        long c = i % x.size(2);
        result.set(i, activation.apply((double) in.get(i) * factors.get(c) + offsets.get(c)));
      }
    };
  }

  /** The velocity of the frames before the newest one, which may have changed. */
  private static float[] past(UnetFixture fixture, float change) {
    int frames = fixture.golden.tensor("inputs.t").size(1);
    float[] latents = fixture.golden.channelsLast("inputs.x").toFloats();
    int past = latents.length / frames * (frames - 1);
    for (int i = past; i < latents.length; i++) {
      latents[i] += change;
    }
    Tensor x =
        fixture.moved(
            DType.F32,
            Golden.host(latents, frames, fixture.config.rows(), fixture.config.columns(), 4));
    Tensor velocity = fixture.arena.empty(DType.F32, x.shape().extents());
    fixture.unet.forward(
        x,
        fixture.latents("inputs.concat").slice(0, 1),
        fixture.frames(frames),
        fixture.context("inputs.context"),
        fixture.workspace,
        velocity,
        Trace.NONE);
    return Arrays.copyOf(Golden.floats(fixture.backend, velocity), past);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void onlyNormsOfTheWindowLookAhead(Golden.Arguments arguments) {
    Backend windows =
        ForwardingBackend.replacing(
            arguments.backend(), GroupNorm.class, Vid2WorldCausalityGoldenTest::frozen);
    try (UnetFixture frozen = new UnetFixture(arguments, windows, SpoiltWeights.Change.NONE)) {
      assertArrayEquals(past(frozen, 0), past(frozen, 1));
    }
    try (UnetFixture fixture = new UnetFixture(arguments)) {
      assertFalse(Arrays.equals(past(fixture, 0), past(fixture, 1)));
    }
  }
}
