package dev.orrery.model.genie1x;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.genie.FrameCache;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.sampling.Confidence;
import dev.orrery.model.sampling.RecordedDraws;
import dev.orrery.model.sampling.TokenDraws;
import dev.orrery.model.session.StepListener;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.trace.ActivationTrace;
import dev.orrery.runtime.trace.Trace;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The transformer and the rollouts of 1xgpt against the reference implementation. */
class Genie1xgptGoldenTest {
  static List<Golden.Arguments> passes() {
    return Golden.cases("genie-1xgpt", "maskgit");
  }

  /**
   * Without the 16-bit types of a GPU, in which other tokens may be picked; of these rollouts there
   * are no logits that each pass could be compared with.
   */
  static List<Golden.Arguments> exactPasses() {
    return passes().stream().filter(arguments -> !arguments.isGpu()).toList();
  }

  static List<Golden.Arguments> rollouts() {
    return Golden.cases("genie-1xgpt", "rollout");
  }

  static List<Golden.Arguments> properties() {
    return Golden.casesOfProperties("genie-1xgpt", "maskgit");
  }

  /** All frames of a window at once: embedding, every block, logits of all frames. */
  @ParameterizedTest
  @MethodSource("passes")
  void activations(Golden.Arguments arguments) {
    try (Genie1xFixture fixture = new Genie1xFixture(arguments)) {
      ActivationTrace trace = new ActivationTrace(fixture.backend);
      int[][] frames = fixture.frames("inputs.tokens");
      FrameCache cache = fixture.transformer.newCache(fixture.arena);
      fixture.pass(frames, 0, cache, frames.length, trace);
      Golden golden = fixture.golden;
      int compared = 0;
      for (String name : golden.names()) {
        String tap = name.replace("outputs.", "");
        if (tap.equals("embed") || tap.startsWith("block")) {
          fixture.assertClose(name, golden.floats(name), trace.values().get(tap));
          compared++;
        }
      }
      assertEquals(1 + fixture.config.layers(), compared);
      float[] wanted = golden.floats("outputs.logits_CTHW");
      int all = frames.length * fixture.tokens;
      fixture.assertClose(
          "logits", Genie1xFixture.transposed(wanted, all), trace.values().get("logits"));
    }
  }

  /** Frame by frame, with the keys and values of those before, gives the same logits. */
  @ParameterizedTest
  @MethodSource("properties")
  void cachedIsUncached(Golden.Arguments arguments) {
    try (Genie1xFixture fixture = new Genie1xFixture(arguments)) {
      int[][] frames = fixture.frames("inputs.tokens");
      FrameCache together = fixture.transformer.newCache(fixture.arena);
      Tensor all = fixture.pass(frames, 0, together, frames.length, Trace.NONE);
      FrameCache apart = fixture.transformer.newCache(fixture.arena);
      for (int f = 0; f < frames.length; f++) {
        int[][] one = {frames[f]};
        Tensor logits = fixture.pass(one, f, apart, 1, Trace.NONE);
        long row = (long) f * fixture.tokens;
        fixture.assertClose(
            "frame " + f,
            Golden.floats(fixture.backend, all.slice(row, row + fixture.tokens)),
            Golden.floats(fixture.backend, logits));
      }
    }
  }

  /** The two rollouts beside the activations, whose prompt is shorter. */
  @ParameterizedTest
  @MethodSource("exactPasses")
  void shortRollouts(Golden.Arguments arguments) {
    try (Genie1xFixture fixture = new Genie1xFixture(arguments)) {
      JsonValue config = fixture.golden.config();
      int steps = config.integer("maskgit_steps");
      int promptFrames = config.integer("prompt_frames");
      int[][] prompt = Arrays.copyOf(fixture.frames("inputs.tokens"), promptFrames);
      for (String run : List.of("greedy", "random")) {
        int[][] wanted = fixture.frames("outputs." + run + ".tokens");
        StMaskGitGenerator generator =
            fixture.generator(steps, 0, confidence(run), draws(fixture, run, steps), prompt);
        for (int f = promptFrames; f < wanted.length; f++) {
          generator.generate(f - promptFrames, StepListener.NONE, Trace.NONE).completion().run();
          Genie1xFixture.assertFrame(wanted[f], generator.tokens().ids(), run + ", frame " + f);
        }
      }
    }
  }

  /** Every step of every frame and run: logits, tokens. */
  @ParameterizedTest
  @MethodSource("rollouts")
  void rollouts(Golden.Arguments arguments) {
    try (Genie1xFixture fixture = new Genie1xFixture(arguments)) {
      JsonValue runs = fixture.golden.config().get("runs");
      for (String run : runs.keys()) {
        if (arguments.isGpu()) {
          assertPasses(fixture, run);
        } else {
          assertRollout(fixture, run, runs.get(run));
        }
      }
    }
  }

  private static void assertRollout(Genie1xFixture fixture, String run, JsonValue settings) {
    JsonValue config = fixture.golden.config();
    int steps = config.integer("maskgit_steps");
    int[][] wanted = fixture.frames("outputs." + run + ".tokens");
    int[][] stepTokens = fixture.frames("outputs." + run + ".step_tokens");
    StMaskGitGenerator generator =
        fixture.generator(
            steps,
            settings.number("temperature"),
            confidence(settings.string("unmask_mode")),
            draws(fixture, run, steps),
            fixture.frames("inputs.prompt_tokens"));
    int mask = fixture.config.vocabulary().mask();
    for (int f = 0; f < wanted.length; f++) {
      ActivationTrace trace = new ActivationTrace(fixture.backend, name -> name.contains("logits"));
      String frame = run + ", frame " + f;
      int firstStep = f * steps;
      StepListener listener =
          (step, all) -> {
            if (step > 0) {
              Genie1xFixture.assertFrame(
                  stepTokens[firstStep + step - 1],
                  generator.tokens().ids(mask),
                  frame + ", step " + (step - 1));
            }
          };
      generator.generate(f, listener, trace).completion().run();
      Genie1xFixture.assertFrame(wanted[f], generator.tokens().ids(), frame);
      for (int step = 0; step < steps; step++) {
        fixture.assertClose(
            frame + ", logits of step " + step,
            logits(fixture, run, f, step),
            trace.values().get("step" + step + ".logits"));
      }
    }
  }

  /**
   * Where logits are less exact, other tokens may be picked, and all that follows differs: each
   * pass gets the tokens that the reference had.
   */
  private static void assertPasses(Genie1xFixture fixture, String run) {
    int steps = fixture.golden.config().integer("maskgit_steps");
    int[][] prompt = fixture.frames("inputs.prompt_tokens");
    int[][] made = fixture.frames("outputs." + run + ".tokens");
    int[][] stepTokens = fixture.frames("outputs." + run + ".step_tokens");
    int[] masked = new int[fixture.tokens];
    Arrays.fill(masked, fixture.config.vocabulary().mask());
    for (int f = 0; f < made.length; f++) {
      FrameCache cache = fixture.transformer.newCache(fixture.arena);
      int context = prompt.length + f;
      for (int step = 0; step < steps; step++) {
        int[] now = step == 0 ? masked : stepTokens[f * steps + step - 1];
        int[][] before =
            Stream.concat(Arrays.stream(prompt), Arrays.stream(made, 0, f)).toArray(int[][]::new);
        int[][] frames = step == 0 ? Arrays.copyOf(before, context + 1) : new int[1][];
        frames[frames.length - 1] = now;
        Tensor found = fixture.pass(frames, step == 0 ? 0 : context, cache, 1, Trace.NONE);
        fixture.assertClose(
            run + ", frame " + f + ", logits of step " + step,
            logits(fixture, run, f, step),
            Golden.floats(fixture.backend, found));
      }
    }
  }

  private static float[] logits(Genie1xFixture fixture, String run, int frame, int step) {
    Tensor all = fixture.golden.tensor("outputs." + run + ".logits");
    return Genie1xFixture.transposed(all.row(frame).row(step).toFloats(), fixture.tokens);
  }

  private static Confidence confidence(String unmask) {
    return unmask.equals("greedy") ? Confidence.PROBABILITY : Confidence.RANDOM;
  }

  private static TokenDraws draws(Genie1xFixture fixture, String run, int steps) {
    int factors = fixture.config.vocabulary().factors();
    return RecordedDraws.of(fixture.golden, run, factors, fixture.tokens, steps);
  }
}
