package dev.orrery.model.sampling;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.golden.Golden;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The sampler on the logits that the reference implementations had, with the draws they made. */
class MaskedSamplerGoldenTest {
  static List<Golden.Arguments> onexgpt() {
    return Golden.cpuCases("genie-1xgpt", "rollout").stream()
        .filter(c -> c.backendName().equals("reference"))
        .toList();
  }

  static List<Golden.Arguments> jafar() {
    return Golden.cpuCases("genie", "").stream()
        .filter(c -> c.backendName().equals("reference"))
        .toList();
  }

  /** Every step of every frame and run of 1xgpt. */
  @ParameterizedTest
  @MethodSource("onexgpt")
  void stepsOf1xgpt(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden()) {
      JsonValue config = golden.config();
      int factors = config.integer("num_factored_vocabs");
      int categories = config.integer("factored_vocab_size");
      int count = config.integer("S");
      int steps = config.integer("maskgit_steps");
      for (String run : config.get("runs").keys()) {
        JsonValue settings = config.get("runs").get(run);
        MaskedSampler sampler =
            new MaskedSampler(
                new CosineSchedule(steps, settings.number("temperature") > 0),
                settings.string("unmask_mode").equals("greedy")
                    ? Confidence.PROBABILITY
                    : Confidence.RANDOM,
                factors,
                categories);
        TokenDraws draws = RecordedDraws.of(golden, run, factors, count, steps);
        Tensor logits = golden.tensor("outputs." + run + ".logits");
        long[] wanted = golden.longs("outputs." + run + ".step_tokens");
        for (int frame = 0; frame < config.integer("new_frames"); frame++) {
          MaskedTokens tokens = MaskedTokens.unknown(count);
          for (int step = 0; step < steps; step++) {
            float[] values = transposed(logits.row(frame).row(step).toFloats(), count);
            sampler.step(frame, step, values, tokens, draws);
            int at = (frame * steps + step) * count;
            assertArrayEquals(
                Arrays.copyOfRange(wanted, at, at + count),
                Arrays.stream(tokens.ids(config.integer("image_vocab_size")))
                    .asLongStream()
                    .toArray(),
                run + ", frame " + frame + ", step " + step);
          }
        }
      }
    }
  }

  /** {@code [C, tokens]} as {@code [tokens, C]}. */
  private static float[] transposed(float[] values, int tokens) {
    float[] out = new float[values.length];
    int channels = values.length / tokens;
    for (int c = 0; c < channels; c++) {
      for (int t = 0; t < tokens; t++) {
        out[t * channels + c] = values[c * tokens + t];
      }
    }
    return out;
  }

  /** Steps for which the fixture has logits that were divided already. */
  record Scaled(MaskSchedule like) implements MaskSchedule {
    @Override
    public int steps() {
      return like.steps();
    }

    @Override
    public int maskedAfter(int step, int tokens) {
      return like.maskedAfter(step, tokens);
    }

    @Override
    public float temperature(int step) {
      return 1;
    }

    @Override
    public boolean draws(int step) {
      return like.draws(step);
    }
  }

  /** Gumbel noise {@code [step, batch, token, category]} of one frame and one of its batch. */
  record Gumbel(float[] values, int batches, int batch, int tokens) implements TokenDraws {
    @Override
    public void gumbel(Position at, int factor, float[] out) {
      int row = (at.step() * batches + batch) * tokens + at.token();
      System.arraycopy(values, row * out.length, out, 0, out.length);
    }

    @Override
    public float priority(Position at) {
      throw new AssertionError("no priorities are drawn");
    }
  }

  /** The first step of every frame of jafar, from its logits, and how many tokens others mask. */
  @ParameterizedTest
  @MethodSource("jafar")
  void firstStepsOfJafar(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden()) {
      int compared = 0;
      for (String name : golden.names()) {
        if (name.endsWith(".step0_logits_over_temp")) {
          String run = name.substring(0, name.lastIndexOf('.'));
          boolean rollout = golden.tensor(name).shape().rank() == 4;
          Tensor logits = golden.tensor(name);
          int frames = rollout ? logits.size(0) : 1;
          for (int frame = 0; frame < frames; frame++) {
            assertFirstStep(
                golden,
                run + ", frame " + frame,
                run.endsWith("sampled"),
                rollout ? logits.row(frame) : logits,
                rollout
                    ? golden.tensor("inputs.gumbel").row(frame)
                    : golden.tensor("inputs.gumbel"),
                frame(golden.tensor(run + ".step_tokens"), rollout, frame),
                frame(golden.tensor(run + ".step_mask"), rollout, frame));
            compared++;
          }
        }
      }
      assertTrue(compared > 0);
    }
  }

  static Tensor frame(Tensor all, boolean rollout, int frame) {
    return rollout ? all.row(frame) : all;
  }

  private static void assertFirstStep(
      Golden golden,
      String what,
      boolean random,
      Tensor logits,
      Tensor gumbel,
      Tensor stepTokens,
      Tensor stepMask) {
    int steps = stepTokens.size(0);
    int batches = logits.size(0);
    int count = logits.size(1);
    float temperature = (float) golden.config().number("temperature");
    RampedCosineSchedule schedule = new RampedCosineSchedule(steps, temperature, random);
    MaskedSampler sampler =
        new MaskedSampler(
            new Scaled(schedule), Confidence.PROBABILITY_AND_KNOWN, 1, logits.size(2));
    for (int batch = 0; batch < batches; batch++) {
      MaskedTokens tokens = MaskedTokens.unknown(count);
      TokenDraws draws = new Gumbel(gumbel.toFloats(), batches, batch, count);
      sampler.step(0, 0, logits.row(batch).toFloats(), tokens, draws);
      assertArrayEquals(integers(stepTokens.row(0).row(batch)), tokens.ids(), what + ": tokens");
      List<Boolean> masked = new ArrayList<>();
      for (int token = 0; token < count; token++) {
        masked.add(tokens.isMasked(token));
      }
      assertEquals(flags(stepMask.row(0).row(batch)), masked, what + ": mask");
      for (int step = 0; step < steps; step++) {
        long remaining = flags(stepMask.row(step).row(batch)).stream().filter(flag -> flag).count();
        assertEquals(remaining, schedule.maskedAfter(step, count), what + ", step " + step);
      }
    }
  }

  static int[] integers(Tensor tensor) {
    assertEquals(DType.I32, tensor.dtype());
    return tensor.segment().toArray(ValueLayout.JAVA_INT_UNALIGNED);
  }

  static List<Boolean> flags(Tensor tensor) {
    List<Boolean> out = new ArrayList<>();
    for (byte flag : tensor.segment().toArray(ValueLayout.JAVA_BYTE)) {
      out.add(flag != 0);
    }
    return out;
  }
}
