package dev.orrery.model.sampling;

import dev.orrery.model.sampling.TokenDraws.Position;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * Masked sampling of the tokens of a frame: every step picks an id for each masked token from its
 * logits, and keeps the picks it is most sure of. The others are masked again, and the network is
 * asked about them once more.
 *
 * <p>An id may be made of several factors, each with logits of its own: {@code id = f0 + V f1 + V^2
 * f2 ..}. Probabilities are fp32 values: which of them are equal decides what becomes known.
 *
 * <p>Source: Chang et al., MaskGIT: Masked Generative Image Transformer, section 3.2; schedules and
 * orders are those of jafar and 1xgpt.
 */
public final class MaskedSampler {
  private static final int MAX_STEPS = (1 << 16) - 1;

  private final MaskSchedule schedule;
  private final Confidence confidence;
  private final int factors;
  private final int categories;

  /**
   * A sampler.
   *
   * @param factors factors of an id, 1 to 254
   * @param categories values V of a factor
   */
  public MaskedSampler(MaskSchedule schedule, Confidence confidence, int factors, int categories) {
    if (schedule.steps() < 1 || schedule.steps() > MAX_STEPS) {
      throw new IllegalArgumentException(
          "steps: expected 1 to " + MAX_STEPS + ", found " + schedule.steps());
    }
    if (factors < 1 || factors > 254 || Math.pow(categories, factors) > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "factors: expected 1 to 254, and ids of 31 bits, found "
              + factors
              + " of "
              + categories
              + " categories");
    }
    this.schedule = schedule;
    this.confidence = confidence;
    this.factors = factors;
    this.categories = categories;
  }

  /** Steps of a frame. */
  public int steps() {
    return schedule.steps();
  }

  /**
   * One step.
   *
   * @param frame number of the frame in its session, for the draws
   * @param step 0 to {@code steps() - 1}
   * @param logits of each token, factor by factor, {@code [tokens, factors * V]}
   * @param tokens the frame, all masked before step 0; brought to what it is after the step
   * @throws IllegalStateException if a logit is no number
   */
  public void step(long frame, int step, float[] logits, MaskedTokens tokens, TokenDraws draws) {
    Objects.checkIndex(step, steps());
    int count = tokens.count();
    if (logits.length != count * factors * categories) {
      throw new IllegalArgumentException(
          "logits: expected "
              + count * factors * categories
              + " values for "
              + count
              + " tokens, found "
              + logits.length);
    }
    Picks picks = new Picks(step, logits, draws);
    float[] sureness = new float[count];
    for (int token = 0; token < count; token++) {
      boolean masked = tokens.masked[token];
      Position at = new Position(frame, step, token);
      if (!masked && confidence != Confidence.PROBABILITY_AND_KNOWN) {
        sureness[token] = Float.POSITIVE_INFINITY;
        continue;
      }
      Pick pick = picks.at(at);
      if (masked) {
        tokens.ids[token] = pick.id();
      }
      sureness[token] =
          switch (confidence) {
            case PROBABILITY_AND_KNOWN -> masked ? pick.probability() : pick.probability() + 1;
            case PROBABILITY -> pick.probability();
            case RANDOM -> draws.priority(at);
          };
    }
    mask(schedule.maskedAfter(step, count), sureness, tokens.masked);
  }

  /** Masks the {@code remaining} tokens that are least sure. */
  private void mask(int remaining, float[] sureness, boolean[] masked) {
    int count = masked.length;
    boolean lowFirst = confidence.lowIndexFirst();
    // This sort is stable: tokens that are equally sure stay in the order given here.
    int[] order =
        IntStream.range(0, count)
            .map(i -> lowFirst ? i : count - 1 - i)
            .boxed()
            .sorted((a, b) -> Float.compare(sureness[b], sureness[a]))
            .mapToInt(Integer::intValue)
            .toArray();
    for (int place = 0; place < count; place++) {
      masked[order[place]] = place >= count - remaining;
    }
  }

  /**
   * What is picked for a token.
   *
   * @param probability product of the probabilities of its factors
   */
  private record Pick(int id, float probability) {}

  /** The picks of one step. */
  private final class Picks {
    private final float[] logits;
    private final TokenDraws draws;
    private final boolean random;
    private final float temperature;
    private final float[] scaled = new float[categories];
    private final float[] gumbel = new float[categories];

    Picks(int step, float[] logits, TokenDraws draws) {
      this.logits = logits;
      this.draws = draws;
      random = schedule.draws(step);
      temperature = schedule.temperature(step);
    }

    Pick at(Position at) {
      int id = 0;
      float probability = 1;
      for (int factor = factors - 1; factor >= 0; factor--) {
        int first = (at.token() * factors + factor) * categories;
        for (int i = 0; i < categories; i++) {
          scaled[i] = logits[first + i] / temperature;
        }
        int category = category(at, factor);
        probability *= probability(category);
        id = id * categories + category;
      }
      return new Pick(id, probability);
    }

    /** The first of the largest scaled logits, noise added where the step draws. */
    private int category(Position at, int factor) {
      if (random) {
        draws.gumbel(at, factor, gumbel);
      }
      int best = 0;
      float largest = Float.NEGATIVE_INFINITY;
      for (int i = 0; i < categories; i++) {
        float value = random ? scaled[i] + gumbel[i] : scaled[i];
        if (Float.isNaN(value)) {
          throw new IllegalStateException(
              "logits of token " + at.token() + ": expected numbers, found NaN");
        }
        if (value > largest) {
          best = i;
          largest = value;
        }
      }
      return best;
    }

    /**
     * Softmax of the scaled logits at a category, rounded once: a sum that was rounded first would
     * make different probabilities near 1 equal.
     */
    private float probability(int category) {
      float largest = Float.NEGATIVE_INFINITY;
      for (float value : scaled) {
        largest = Math.max(largest, value);
      }
      double sum = 0;
      for (float value : scaled) {
        sum += Math.exp(value - largest);
      }
      return (float) (Math.exp(scaled[category] - largest) / sum);
    }
  }
}
