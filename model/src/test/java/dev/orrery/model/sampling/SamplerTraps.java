package dev.orrery.model.sampling;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.golden.Trap;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToIntFunction;
import java.util.function.UnaryOperator;

/**
 * Mistakes that are easily made with jafar's sampler, made on purpose, for all fixtures together:
 * what the first step of a frame picks and masks, of the logits that the reference had.
 */
public final class SamplerTraps {
  /** What logits are multiplied with so that tokens become equally sure. */
  private static final float SHARPER = 16;

  private SamplerTraps() {}

  /** All of them. */
  public static List<Trap> all() {
    return List.of(
        new Trap(
            "jafar: K known tokens instead of K + 1",
            0,
            () -> sum(step -> step.others(UnaryOperator.identity())),
            () -> sum(step -> step.others(OneLess::new))),
        // The fixtures were made so that no two tokens are equally sure. At a sixteenth of their
        // temperature many are, as in early steps of a real model.
        new Trap(
            "jafar: unstable sort",
            0,
            () -> sum(step -> step.othersOfTied(false)),
            () -> sum(step -> step.othersOfTied(true))));
  }

  /** Steps that leave one token less known, but for the last one. */
  private record OneLess(MaskSchedule like) implements MaskSchedule {
    @Override
    public int steps() {
      return like.steps();
    }

    @Override
    public int maskedAfter(int step, int tokens) {
      int masked = like.maskedAfter(step, tokens);
      return step == steps() - 1 ? masked : Math.min(tokens, masked + 1);
    }

    @Override
    public float temperature(int step) {
      return like.temperature(step);
    }

    @Override
    public boolean draws(int step) {
      return like.draws(step);
    }
  }

  /** Some number of the first step of every frame that was made. */
  private static double sum(ToIntFunction<FirstStep> number) {
    int sum = 0;
    for (Golden.Arguments arguments : MaskedSamplerGoldenTest.jafar()) {
      try (Golden golden = arguments.golden()) {
        for (String name : golden.names()) {
          if (name.endsWith(".step0_logits_over_temp")) {
            String run = name.substring(0, name.lastIndexOf('.'));
            boolean rollout = golden.tensor(name).shape().rank() == 4;
            int frames = rollout ? golden.tensor(name).size(0) : 1;
            for (int frame = 0; frame < frames; frame++) {
              sum += number.applyAsInt(new FirstStep(golden, run, rollout, frame));
            }
          }
        }
      }
    }
    return sum;
  }

  /** The first step of a frame, of all of its batch. */
  private record FirstStep(Golden golden, String run, boolean rollout, int frame) {
    private Tensor tensor(String name) {
      return MaskedSamplerGoldenTest.frame(golden.tensor(name), rollout, frame);
    }

    private Tensor logits() {
      return tensor(run + ".step0_logits_over_temp");
    }

    private RampedCosineSchedule schedule(boolean random) {
      int steps = tensor(run + ".step_tokens").size(0);
      return new RampedCosineSchedule(steps, (float) golden.config().number("temperature"), random);
    }

    private MaskedTokens sampled(MaskSchedule schedule, float[] values, TokenDraws draws) {
      int categories = logits().size(2);
      MaskedSampler sampler =
          new MaskedSampler(
              new MaskedSamplerGoldenTest.Scaled(schedule),
              Confidence.PROBABILITY_AND_KNOWN,
              1,
              categories);
      MaskedTokens tokens = MaskedTokens.unknown(values.length / categories);
      sampler.step(0, 0, values, tokens, draws);
      return tokens;
    }

    /** How many tokens are others than in the fixture, or masked where they are not. */
    int others(UnaryOperator<MaskSchedule> change) {
      float[] noise = tensor("inputs.gumbel").toFloats();
      int batches = logits().size(0);
      int count = logits().size(1);
      int others = 0;
      for (int batch = 0; batch < batches; batch++) {
        MaskedTokens found =
            sampled(
                change.apply(schedule(run.endsWith("sampled"))),
                logits().row(batch).toFloats(),
                new MaskedSamplerGoldenTest.Gumbel(noise, batches, batch, count));
        int[] ids =
            MaskedSamplerGoldenTest.integers(tensor(run + ".step_tokens").row(0).row(batch));
        List<Boolean> masks =
            MaskedSamplerGoldenTest.flags(tensor(run + ".step_mask").row(0).row(batch));
        for (int token = 0; token < count; token++) {
          boolean same =
              found.ids()[token] == ids[token] && found.isMasked(token) == masks.get(token);
          others += same ? 0 : 1;
        }
      }
      return others;
    }

    /**
     * How many tokens are masked where they should not be, or the other way round, at a low
     * temperature: of equally sure ones those of lower index should become known first.
     *
     * @param reversed whether the sampler sees the tokens from the last to the first, which leaves
     *     equally sure ones in another order, as an unstable sort may
     */
    int othersOfTied(boolean reversed) {
      int others = 0;
      for (int batch = 0; batch < logits().size(0); batch++) {
        int count = logits().size(1);
        float[] values = logits().row(batch).toFloats();
        for (int i = 0; i < values.length; i++) {
          values[i] *= SHARPER;
        }
        RampedCosineSchedule schedule = schedule(false);
        MaskedTokens found =
            sampled(schedule, reversed ? backwards(values, count) : values, TokenDraws.NONE);
        float[] sure = sureness(values, count);
        int known = count - schedule.maskedAfter(0, count);
        for (int token = 0; token < count; token++) {
          int before = 0;
          for (int other = 0; other < count; other++) {
            boolean first =
                sure[other] > sure[token] || sure[other] == sure[token] && other < token;
            before += first ? 1 : 0;
          }
          boolean masked = found.isMasked(reversed ? count - 1 - token : token);
          others += masked == before >= known ? 0 : 1;
        }
      }
      return others;
    }
  }

  /** The probability of the most probable category of each token. */
  private static float[] sureness(float[] logits, int tokens) {
    int categories = logits.length / tokens;
    float[] sure = new float[tokens];
    for (int token = 0; token < tokens; token++) {
      float[] own = Arrays.copyOfRange(logits, token * categories, (token + 1) * categories);
      float largest = Float.NEGATIVE_INFINITY;
      for (float value : own) {
        largest = Math.max(largest, value);
      }
      double sum = 0;
      for (float value : own) {
        sum += Math.exp(value - largest);
      }
      sure[token] = (float) (1 / sum);
    }
    return sure;
  }

  private static float[] backwards(float[] values, int rows) {
    float[] out = new float[values.length];
    int length = values.length / rows;
    for (int row = 0; row < rows; row++) {
      System.arraycopy(values, row * length, out, (rows - 1 - row) * length, length);
    }
    return out;
  }
}
