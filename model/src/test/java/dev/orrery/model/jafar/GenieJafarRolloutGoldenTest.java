package dev.orrery.model.jafar;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.orrery.kernels.image.FramesToBytes;
import dev.orrery.kernels.image.PixelRange;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.sampling.Confidence;
import dev.orrery.model.sampling.MaskSchedule;
import dev.orrery.model.sampling.MaskedSampler;
import dev.orrery.model.sampling.RampedCosineSchedule;
import dev.orrery.model.sampling.TokenDraws;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.StartResources;
import dev.orrery.model.session.StepListener;
import dev.orrery.runtime.memory.SessionState;
import dev.orrery.runtime.trace.ActivationTrace;
import dev.orrery.runtime.trace.Trace;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Frames that jafar makes, one and several in a row, against the reference implementation. */
class GenieJafarRolloutGoldenTest {
  static List<Golden.Arguments> networks() {
    return Golden.cases("genie", "genie");
  }

  static List<Golden.Arguments> rollouts() {
    return Golden.cases("genie", "rollout");
  }

  /**
   * One new frame: the logits of its first step, tokens and masks of every step, and its pixels.
   */
  @ParameterizedTest
  @MethodSource("networks")
  void oneFrame(Golden.Arguments arguments) {
    try (JafarFixture fixture = new JafarFixture(arguments)) {
      int batch = fixture.golden.tensor("inputs.video").size(0);
      for (String run : List.of("argmax", "sampled")) {
        for (int item = 0; item < batch; item++) {
          int[] actions = fixture.part("inputs.actions", item, batch);
          Tensor video = fixture.golden.tensor("inputs.video").row(item);
          Tensor gumbel = fixture.golden.tensor("inputs.gumbel");
          int chosen = item;
          TokenDraws draws = draws((_, step) -> gumbel.row(step).row(chosen));
          JafarStart start = encoded(fixture, video);
          if (arguments.isGpu()) {
            // Of two codes that are nearly as near a GPU may take the other one.
            replaceIds(fixture, start, fixture.part("outputs.tokens", item, batch));
          }
          JafarGenerator generator = begun(fixture, run, draws, false, start, actions);
          String prefix = "outputs." + run + ".";
          int steps = generator.steps();
          ActivationTrace trace = new ActivationTrace(fixture.backend);
          generator
              .generate(
                  0,
                  actions[actions.length - 1],
                  listener(fixture, generator, prefix, item, batch),
                  trace)
              .completion()
              .run();
          assertFirstLogits(
              fixture,
              run,
              fixture.floats(prefix + "step0_logits_over_temp", item, batch),
              trace.values().get("step0.logits"));
          assertEquals(steps, fixture.golden.tensor(prefix + "step_tokens").size(0));
          int[] wanted = fixture.part(prefix + "tokens", item, batch);
          if (!arguments.isGpu()) {
            JafarFixture.assertSame(run + " tokens", wanted, generator.tokens().ids());
          }
          if (fixture.golden.has(prefix + "frame")) {
            assertDecodes(
                fixture, wanted, fixture.floats(prefix + "frame", item, batch), prefix, null);
          }
        }
      }
    }
  }

  /** Compares tokens and masks after each step. */
  private static StepListener listener(
      JafarFixture fixture, JafarGenerator generator, String prefix, int item, int batch) {
    int steps = fixture.golden.tensor(prefix + "step_tokens").size(0);
    return (step, all) -> {
      if (step == 0 || fixture.arguments.isGpu()) {
        return;
      }
      int part = (step - 1) * batch + item;
      assertStep(fixture, generator, prefix, part, steps * batch);
    };
  }

  private static void assertStep(
      JafarFixture fixture, JafarGenerator generator, String prefix, int part, int parts) {
    String what = prefix + " " + part;
    int[] masks = fixture.golden.unsignedBytes(prefix + "step_mask");
    int[] wanted = fixture.part(prefix + "step_tokens", part, parts);
    int[] found = generator.tokens().ids();
    for (int token = 0; token < found.length; token++) {
      boolean masked = masks[part * found.length + token] == 1;
      assertEquals(masked, generator.tokens().isMasked(token), what + ", mask of " + token);
    }
    JafarFixture.assertSame(what, wanted, found);
  }

  private static void assertFirstLogits(
      JafarFixture fixture, String run, float[] expected, float[] logits) {
    float temperature = schedule(fixture, run).temperature(0);
    float[] scaled = logits.clone();
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] /= temperature;
    }
    fixture.assertClose(run + " logits of step 0", expected, scaled);
  }

  /**
   * Decodes a frame alone.
   *
   * @param bytes those of the reference, which may differ by one where a float is nearly an
   *     integer, and are not compared where floats are less exact; null for none
   */
  private static void assertDecodes(
      JafarFixture fixture, int[] ids, float[] expected, String what, int[] bytes) {
    JafarTokenizer tokenizer = fixture.networks.tokenizer();
    JafarConfig config = fixture.config;
    Tensor image = fixture.arena.empty(DType.F32, 1, config.height(), config.width(), 3);
    tokenizer.decode(
        fixture.moved(tokenizer.codes(ids)),
        0,
        tokenizer.newDecoderCache(1, fixture.arena),
        fixture.resources.passes(),
        image,
        Trace.NONE);
    float[] values = fixture.values(image);
    fixture.assertClose(what + " frame", expected, values);
    if (bytes != null) {
      Tensor u8 = fixture.arena.empty(DType.U8, image.shape().extents());
      fixture.backend.kernel(FramesToBytes.class).run(image, PixelRange.UNIT, u8);
      byte[] found = new byte[Math.toIntExact(u8.elements())];
      fixture.backend.copy(u8, Tensor.host(DType.U8, u8.shape(), MemorySegment.ofArray(found)));
      fixture.backend.synchronize();
      for (int i = 0; i < found.length; i++) {
        String which = what + ", byte " + i;
        assertEquals((int) (values[i] * 255), found[i] & 0xff, which + ", of its value");
        if (!fixture.arguments.isGpu()) {
          assertEquals(bytes[i], found[i] & 0xff, 1.0, which);
        }
      }
    }
  }

  /** Four frames in a row, both ways to go on from a frame. */
  @ParameterizedTest
  @MethodSource("rollouts")
  void rollouts(Golden.Arguments arguments) {
    try (JafarFixture fixture = new JafarFixture(arguments)) {
      for (String kept : List.of("retokenise", "carry")) {
        for (String run : List.of("argmax", "sampled")) {
          assertRollout(fixture, kept, run);
        }
      }
    }
  }

  private static void assertRollout(JafarFixture fixture, String kept, String run) {
    String prefix = "outputs." + kept + "." + run + ".";
    int[] actions = fixture.golden.integers("inputs.actions");
    Tensor gumbel = fixture.golden.tensor("inputs.gumbel");
    TokenDraws draws = draws((frame, step) -> gumbel.row((int) frame).row(step).row(0));
    Tensor video = fixture.golden.tensor("inputs.video").row(0);
    JafarGenerator generator =
        begun(fixture, run, draws, kept.equals("retokenise"), encoded(fixture, video), actions);
    int context = video.size(0);
    int frames = fixture.golden.tensor("inputs.gumbel").size(0);
    int steps = generator.steps();
    for (int f = 0; f < frames; f++) {
      int[] wanted = fixture.part(prefix + "tokens", f, frames);
      assertDecodes(
          fixture,
          wanted,
          fixture.floats(prefix + "frames", f, frames),
          prefix + f,
          bytes(fixture, prefix + "frames_u8", f, frames));
      if (fixture.arguments.isGpu()) {
        // Other tokens may be picked where logits are less exact, and all that follows differs.
        continue;
      }
      if (f == frames - 1) {
        JafarFixture.assertSame(
            prefix + "context",
            fixture.golden.integers(prefix + "context_tokens"),
            generator.context().from(0));
      }
      int first = f * steps;
      StepListener listener =
          (step, all) -> {
            if (step > 0) {
              assertStep(fixture, generator, prefix, first + step - 1, frames * steps);
            }
          };
      ActivationTrace trace = new ActivationTrace(fixture.backend);
      generator.generate(f, actions[context - 1 + f], listener, trace).completion().run();
      assertFirstLogits(
          fixture,
          run,
          fixture.floats(prefix + "step0_logits_over_temp", f, frames),
          trace.values().get("step0.logits"));
      JafarFixture.assertSame(prefix + f, wanted, generator.tokens().ids());
    }
  }

  private static int[] bytes(JafarFixture fixture, String name, int frame, int frames) {
    int[] all = fixture.golden.unsignedBytes(name);
    int length = all.length / frames;
    return Arrays.copyOfRange(all, frame * length, (frame + 1) * length);
  }

  private static JafarGenerator begun(
      JafarFixture fixture,
      String run,
      TokenDraws draws,
      boolean retokenise,
      JafarStart start,
      int[] actions) {
    JafarConfig config = fixture.config.withRetokenise(retokenise);
    MaskedSampler sampler =
        new MaskedSampler(
            schedule(fixture, run), Confidence.PROBABILITY_AND_KNOWN, 1, config.codes());
    JafarGenerator generator =
        new JafarGenerator(
            config,
            fixture.networks,
            new JafarGenerator.Sampling(sampler, draws),
            fixture.resources);
    generator.begin(start, Arrays.copyOf(actions, start.frames() - 1));
    return generator;
  }

  private static JafarStart encoded(JafarFixture fixture, Tensor video) {
    JafarStart start = new JafarStart(fixture.config, fixture.arena);
    List<Tensor> images = new ArrayList<>();
    for (int i = 0; i < video.size(0); i++) {
      images.add(video.row(i));
    }
    StartResources encoding =
        new StartResources(fixture.backend, fixture.backend.newArena(), fixture.resources.passes());
    try (encoding) {
      start.encode(images, fixture.networks.tokenizer(), encoding, Progress.NONE);
    }
    return start;
  }

  private static void replaceIds(JafarFixture fixture, JafarStart start, int[] ids) {
    SessionState encoded = SessionState.capture(fixture.backend, start);
    Map<String, Tensor> replaced = new LinkedHashMap<>(encoded.tensors());
    Shape shape = replaced.get("ids").shape();
    replaced.put("ids", Tensor.host(DType.I32, shape, MemorySegment.ofArray(ids)));
    SessionState.stored(replaced).restore(fixture.backend, start);
  }

  private static MaskSchedule schedule(JafarFixture fixture, String run) {
    JafarConfig.Sampling sampling = fixture.config.sampling();
    return new RampedCosineSchedule(
        sampling.steps(), sampling.temperature(), run.equals("sampled"));
  }

  /** Where recorded Gumbel noise lies. */
  private interface Recorded {
    /** {@code [tokens, codes]}. */
    Tensor of(long frame, int step);
  }

  private static TokenDraws draws(Recorded recorded) {
    return new TokenDraws() {
      @Override
      public void gumbel(Position at, int factor, float[] out) {
        float[] row = recorded.of(at.frame(), at.step()).row(at.token()).toFloats();
        System.arraycopy(row, 0, out, 0, out.length);
      }

      @Override
      public float priority(Position at) {
        throw new AssertionError("jafar draws no priorities");
      }
    };
  }
}
