package dev.orrery.model.genie1x;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.genie.FrameCache;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.sampling.Confidence;
import dev.orrery.model.sampling.CosineSchedule;
import dev.orrery.model.sampling.MaskedSampler;
import dev.orrery.model.sampling.MaskedTokens;
import dev.orrery.model.sampling.TokenDraws;
import dev.orrery.model.session.StepListener;
import dev.orrery.runtime.memory.SessionState;
import dev.orrery.runtime.trace.ActivationTrace;
import dev.orrery.runtime.trace.Trace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the loop does beyond the fixtures: a window that slides, frames made again, its state. */
class StMaskGitGeneratorTest {
  private static final int FRAMES = 40;
  private static final int STEPS = 2;
  private static final TokenDraws DRAWS = TokenDraws.seeded(3);

  /** On one backend: what the reference computes is known from the fixtures, and it is slow. */
  static List<Golden.Arguments> cases() {
    return Golden.cpuCases("genie-1xgpt", "rollout").stream()
        .filter(arguments -> arguments.backendName().equals("cpu"))
        .toList();
  }

  /** Five frames, or as many as the fixture has. */
  private static int longPrompt(Genie1xFixture fixture) {
    return Math.min(5, fixture.frames("inputs.prompt_tokens").length);
  }

  private static StMaskGitGenerator generator(Genie1xFixture fixture, int promptFrames) {
    int[][] prompt = Arrays.copyOf(fixture.frames("inputs.prompt_tokens"), promptFrames);
    return fixture.generator(STEPS, 1, Confidence.PROBABILITY, DRAWS, prompt);
  }

  private static int[] generate(StMaskGitGenerator generator, int frame) {
    generator.generate(frame, StepListener.NONE, Trace.NONE).completion().run();
    return generator.tokens().ids();
  }

  /** Everything computed anew in each step, from the tokens of the window alone. */
  @ParameterizedTest
  @MethodSource("cases")
  void cachedIsUncached(Golden.Arguments arguments) {
    try (Genie1xFixture fixture = new Genie1xFixture(arguments)) {
      for (int promptFrames : new TreeSet<>(List.of(1, longPrompt(fixture)))) {
        StMaskGitGenerator generator = generator(fixture, promptFrames);
        int[][] prompt = fixture.frames("inputs.prompt_tokens");
        List<int[]> all = new ArrayList<>(Arrays.asList(prompt).subList(0, promptFrames));
        for (int frame = 0; frame < FRAMES; frame++) {
          ActivationTrace trace =
              new ActivationTrace(fixture.backend, name -> name.endsWith("logits"));
          generator.generate(frame, StepListener.NONE, trace).completion().run();
          int from = Math.max(0, all.size() - (fixture.config.frames() - 1));
          int[] made = uncached(fixture, all.subList(from, all.size()), frame, trace);
          Genie1xFixture.assertFrame(made, generator.tokens().ids(), "frame " + frame);
          all.add(made);
        }
      }
    }
  }

  private static int[] uncached(
      Genie1xFixture fixture, List<int[]> context, int frame, ActivationTrace expected) {
    FactoredVocabulary vocabulary = fixture.config.vocabulary();
    MaskedSampler sampler =
        new MaskedSampler(
            new CosineSchedule(STEPS, true),
            Confidence.PROBABILITY,
            vocabulary.factors(),
            vocabulary.categories());
    MaskedTokens tokens = MaskedTokens.unknown(fixture.tokens);
    for (int step = 0; step < STEPS; step++) {
      List<int[]> window = new ArrayList<>(context);
      window.add(tokens.ids(vocabulary.mask()));
      FrameCache cache = fixture.transformer.newCache(fixture.arena);
      Tensor logits = fixture.pass(window.toArray(int[][]::new), 0, cache, 1, Trace.NONE);
      float[] values = Golden.floats(fixture.backend, logits);
      float[] found = expected.values().get("step" + step + ".logits");
      Golden.assertRelative("logits of frame " + frame + ", step " + step, values, found, 1e-5);
      sampler.step(frame, step, values, tokens, DRAWS);
    }
    return tokens.ids();
  }

  /** A frame that was ended after its first pass gives the same bytes when it is made again. */
  @ParameterizedTest
  @MethodSource("cases")
  void framesAreMadeAgain(Golden.Arguments arguments) {
    try (Genie1xFixture fixture = new Genie1xFixture(arguments)) {
      StMaskGitGenerator smooth = generator(fixture, longPrompt(fixture));
      StMaskGitGenerator interrupted = generator(fixture, longPrompt(fixture));
      for (int frame = 0; frame < fixture.config.frames(); frame++) {
        int number = frame;
        for (int end = 0; end <= STEPS; end++) {
          int last = end;
          StepListener listener =
              (step, steps) -> {
                if (step == last) {
                  throw new IllegalStateException("enough");
                }
              };
          assertThrows(
              IllegalStateException.class,
              () -> interrupted.generate(number, listener, Trace.NONE));
        }
        ActivationTrace wanted = new ActivationTrace(fixture.backend);
        ActivationTrace found = new ActivationTrace(fixture.backend);
        smooth.generate(frame, StepListener.NONE, wanted).completion().run();
        // One that is not completed can still be made again.
        interrupted.generate(frame, StepListener.NONE, Trace.NONE);
        interrupted.generate(frame, StepListener.NONE, found).completion().run();
        assertEquals(wanted.values().keySet(), found.values().keySet());
        wanted
            .values()
            .forEach((name, values) -> assertArrayEquals(values, found.values().get(name), name));
      }
    }
  }

  /** Before the window slides and behind, one that was saved goes on as the other does. */
  @ParameterizedTest
  @MethodSource("cases")
  void goesOnFromAState(Golden.Arguments arguments) {
    try (Genie1xFixture fixture = new Genie1xFixture(arguments)) {
      Backend backend = fixture.backend;
      StMaskGitGenerator generator = generator(fixture, longPrompt(fixture));
      int frames = fixture.config.frames();
      for (int frame = 0; frame < frames; frame++) {
        SessionState state = SessionState.capture(backend, generator);
        StMaskGitGenerator other = generator(fixture, 1);
        generate(other, 0);
        state.restore(backend, other);
        assertArrayEquals(generate(generator, frame), generate(other, frame));
        SessionState after = SessionState.capture(backend, generator);
        SessionState otherAfter = SessionState.capture(backend, other);
        assertEquals(after.tensors().keySet(), otherAfter.tensors().keySet());
        after
            .tensors()
            .forEach(
                (name, tensor) ->
                    assertEquals(
                        -1,
                        tensor.segment().mismatch(otherAfter.tensors().get(name).segment()),
                        name));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void refusesPromptsThatAreNone(Golden.Arguments arguments) {
    try (Genie1xFixture fixture = new Genie1xFixture(arguments)) {
      assertRefused(fixture, "prompt: expected 1 frame or more, found none", new int[0][]);
      int ids = fixture.config.vocabulary().ids();
      int[] frame = new int[fixture.tokens];
      frame[7] = ids;
      assertRefused(
          fixture, "ids[7]: expected 0 to " + (ids - 1) + ", found " + ids, new int[][] {frame});
      assertRefused(
          fixture,
          "tokens of a frame: expected " + fixture.tokens + ", found 3",
          new int[][] {{0, 1, 2}});
    }
  }

  private static void assertRefused(Genie1xFixture fixture, String expected, int[][] prompt) {
    assertEquals(
        expected,
        assertThrows(
                IllegalArgumentException.class,
                () -> fixture.generator(STEPS, 1, Confidence.PROBABILITY, DRAWS, prompt))
            .getMessage());
  }
}
