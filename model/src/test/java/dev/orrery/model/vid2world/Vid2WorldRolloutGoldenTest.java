package dev.orrery.model.vid2world;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.session.StepListener;
import dev.orrery.model.session.VideoFrames;
import dev.orrery.runtime.trace.ActivationTrace;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A window that slides over pictures, against the reference with its draws. */
class Vid2WorldRolloutGoldenTest {
  /** Relative L2 error where it is computed in fp32. */
  static final double LIMIT = 2e-5;

  static List<Golden.Arguments> cases() {
    return Golden.casesOfProperties("vid2world", "rollout");
  }

  @ParameterizedTest
  @MethodSource("cases")
  void frames(Golden.Arguments arguments) {
    try (RolloutFixture fixture = new RolloutFixture(arguments)) {
      // Every frame is made of those before it, whose errors in 16-bit types add up.
      double limit = arguments.isGpu() ? 3 * Golden.GPU_LIMIT : LIMIT;
      int wrong = 0;
      int bytes = 0;
      // The second frame slides the window; the rest says how errors add up, on the fast backend.
      int frames =
          switch (arguments.backendName()) {
            case "cpu" -> fixture.newFrames;
            case "reference" -> 1;
            default -> Math.min(2, fixture.newFrames);
          };
      for (int frame = 0; frame < frames; frame++) {
        ActivationTrace trace = new ActivationTrace(fixture.backend);
        VideoFrames video = fixture.make(frame, trace);
        compare(fixture, frame, trace, limit);
        if (frame == 0) {
          compareSteps(fixture, trace, limit);
        }
        byte[] wanted = fixture.golden.bytes("outputs.frames_u8");
        byte[] found = video.rgb();
        bytes += found.length;
        for (int i = 0; i < found.length; i++) {
          int difference =
              Math.abs(
                  Byte.toUnsignedInt(found[i])
                      - Byte.toUnsignedInt(wanted[frame * found.length + i]));
          wrong += difference == 0 ? 0 : 1;
          assertTrue(arguments.isGpu() || difference <= 1, "byte " + i + " of frame " + frame);
        }
      }
      // What lies within the limit of a whole number may be cut off on its other side.
      assertTrue(arguments.isGpu() || wrong <= bytes / 500, wrong + " of " + bytes + " bytes");
    }
  }

  static List<Golden.Arguments> firstSteps() {
    return Golden.cases("vid2world", "rollout").stream()
        .filter(it -> it.backendName().equals("tornado"))
        .toList();
  }

  /**
   * The pictures of the past, what is told of them and the first step of a frame, after which it is
   * cancelled: on an emulated device of TornadoVM every launch takes long.
   */
  @ParameterizedTest
  @MethodSource("firstSteps")
  void theFirstStep(Golden.Arguments arguments) {
    try (RolloutFixture fixture = new RolloutFixture(arguments)) {
      ActivationTrace trace = new ActivationTrace(fixture.backend);
      StepListener cancelling =
          (pass, passes) -> {
            if (pass == 2) {
              throw new CancellationException();
            }
          };
      assertThrows(CancellationException.class, () -> fixture.make(0, cancelling, trace));
      comparePast(fixture, 0, trace, LIMIT);
      compareStep(fixture, 0, trace, LIMIT);
    }
  }

  private static void compare(
      RolloutFixture fixture, int frame, ActivationTrace trace, double limit) {
    comparePast(fixture, frame, trace, limit);
    assertPicture(fixture, "latents", frame, trace, limit);
    assertPicture(fixture, "frames", frame, trace, limit);
  }

  /** What is known before the first pass. */
  private static void comparePast(
      RolloutFixture fixture, int frame, ActivationTrace trace, double limit) {
    Golden golden = fixture.golden;
    float[] window = RolloutFixture.video(golden.tensor("outputs.z").row(frame));
    // The reference encodes a placeholder as well, which it does not look at.
    float[] z = trace.values().get("z");
    float[] past = Arrays.copyOf(window, z.length);
    Golden.assertRelative("z of " + frame, past, z, limit);
    assertTokens(fixture, "image_context", frame, trace, limit);
    assertTokens(fixture, "uncond_image_context", frame, trace, limit);
    assertPicture(fixture, "recon0", frame, trace, limit);
  }

  private static void assertTokens(
      RolloutFixture fixture, String name, int frame, ActivationTrace trace, double limit) {
    Golden.assertRelative(
        name + " of " + frame,
        fixture.golden.tensor("outputs." + name).row(frame).toFloats(),
        trace.values().get(name),
        limit);
  }

  /** {@code [K, C, y, x]} of the fixture. */
  private static void assertPicture(
      RolloutFixture fixture, String name, int frame, ActivationTrace trace, double limit) {
    Tensor stored = fixture.golden.tensor("outputs." + name).row(frame);
    float[] wanted =
        Golden.framesChannelsLast(
                stored.toFloats(), 1, stored.size(0), stored.size(1), stored.size(2))
            .toFloats();
    Golden.assertRelative(name + " of " + frame, wanted, trace.values().get(name), limit);
  }

  private static void compareSteps(RolloutFixture fixture, ActivationTrace trace, double limit) {
    for (int step = 0; step < fixture.config.sampling().steps(); step++) {
      compareStep(fixture, step, trace, limit);
    }
  }

  private static void compareStep(
      RolloutFixture fixture, int step, ActivationTrace trace, double limit) {
    String inside = "step" + step + ".";
    assertStep(fixture, "v_cond", step, trace.values().get(inside + "acting.v"), limit);
    assertStep(fixture, "v_uncond", step, trace.values().get(inside + "idle.v"), limit);
    // Guidance multiplies what 16-bit types leave of the difference of two velocities.
    assertStep(fixture, "v_guided", step, trace.values().get(inside + "velocity"), 2.5 * limit);
    assertStep(fixture, "step_latents", step, trace.values().get(inside + "latents"), limit);
  }

  private static void assertStep(
      RolloutFixture fixture, String name, int step, float[] found, double limit) {
    float[] wanted = RolloutFixture.video(fixture.golden.tensor("outputs." + name).row(step));
    Golden.assertRelative(name + " of step " + step, wanted, found, limit);
  }
}
