package dev.orrery.model.sampling;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.model.sampling.TokenDraws.Position;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MaskedSamplerTest {
  private static final int TOKENS = 8;

  /** jafar's order with logits of so many categories. */
  private static MaskedSampler jafar(int steps, boolean random, int categories) {
    return new MaskedSampler(
        new RampedCosineSchedule(steps, 1, random),
        Confidence.PROBABILITY_AND_KNOWN,
        1,
        categories);
  }

  private static MaskedSampler onexgpt(Confidence confidence) {
    return new MaskedSampler(new CosineSchedule(3, false), confidence, 2, 2);
  }

  private static int[] known(MaskedTokens tokens) {
    return IntStream.range(0, tokens.count()).filter(token -> !tokens.isMasked(token)).toArray();
  }

  /** cos(pi/3) is a bit above one half in double; nothing is masked at the end. */
  @Test
  void tokensThatTheScheduleOf1xgptMasks() {
    CosineSchedule schedule = new CosineSchedule(3, false);
    assertEquals(14, schedule.maskedAfter(0, 16));
    assertEquals(9, schedule.maskedAfter(1, 16));
    assertEquals(0, schedule.maskedAfter(2, 16));
    assertEquals(182, new CosineSchedule(2, false).maskedAfter(0, 256));
    assertEquals(0, new CosineSchedule(1, false).maskedAfter(0, 256));
    assertEquals(1, schedule.temperature(0));
  }

  /** 20 (1 - cos) = 1.52, 5.86, 12.35 and 20, rounded, and one more. */
  @Test
  void tokensThatTheScheduleOfJafarMasks() {
    RampedCosineSchedule schedule = new RampedCosineSchedule(4, 2, true);
    assertArrayEquals(
        new int[] {20 - 3, 20 - 7, 20 - 13, 0},
        IntStream.range(0, 4).map(step -> schedule.maskedAfter(step, 20)).toArray());
    // Half of one: to even, which is 0, and one more.
    assertEquals(0, new RampedCosineSchedule(3, 2, true).maskedAfter(1, 1));
    assertEquals(2 * (1 - 0.9238795f), schedule.temperature(0));
    assertEquals(2, schedule.temperature(3));
    assertTrue(schedule.draws(2));
    assertEquals(false, schedule.draws(3));
  }

  @Test
  void refusesATemperatureThatIsNotPositive() {
    for (float temperature : new float[] {0, -1, Float.NaN, Float.POSITIVE_INFINITY}) {
      assertEquals(
          "temperature: expected a positive number, found " + temperature,
          assertThrows(
                  IllegalArgumentException.class,
                  () -> new RampedCosineSchedule(4, temperature, true))
              .getMessage());
    }
  }

  /** Probabilities of exactly 1 are ties, and the lower index wins: K + 1 = 2 tokens in step 0. */
  @Test
  void saturatedTokensBecomeKnownInOrder() {
    float[] logits = new float[TOKENS * 2];
    for (int token = 0; token < TOKENS; token++) {
      // The first two are the only ones whose probability is below 1.
      logits[2 * token + 1] = token < 2 ? 0.1f * (token + 1) : 40 + token;
    }
    MaskedTokens tokens = MaskedTokens.unknown(TOKENS);
    jafar(4, false, 2).step(0, 0, logits, tokens, TokenDraws.NONE);
    assertArrayEquals(new int[] {2, 3}, known(tokens));
    assertArrayEquals(new int[] {1, 1, 1, 1, 1, 1, 1, 1}, tokens.ids());
    assertArrayEquals(new int[] {9, 9, 1, 1, 9, 9, 9, 9}, tokens.ids(9));
  }

  /** What is known keeps its id and stays known, although others are as sure now. */
  @Test
  void knownTokensStay() {
    float[] logits = new float[TOKENS * 2];
    logits[2 * 7 + 1] = 1;
    logits[2 * 6 + 1] = 0.9f;
    MaskedSampler sampler = jafar(4, false, 2);
    MaskedTokens tokens = MaskedTokens.unknown(TOKENS);
    sampler.step(0, 0, logits, tokens, TokenDraws.NONE);
    assertArrayEquals(new int[] {6, 7}, known(tokens));
    float[] other = new float[TOKENS * 2];
    for (int token = 0; token < TOKENS; token++) {
      other[2 * token] = 100;
    }
    sampler.step(0, 1, other, tokens, TokenDraws.NONE);
    assertArrayEquals(new int[] {0, 6, 7}, known(tokens));
    assertArrayEquals(new int[] {0, 0, 0, 0, 0, 0, 1, 1}, tokens.ids());
    sampler.step(0, 3, other, tokens, TokenDraws.NONE);
    assertEquals(TOKENS, known(tokens).length);
    assertArrayEquals(new int[] {0, 0, 0, 0, 0, 0, 1, 1}, tokens.ids());
  }

  /** 1xgpt sorts upwards: of equal tokens those of lower index stay masked. ceil(6.93) = 7 do. */
  @Test
  void equalTokensOf1xgpt() {
    MaskedTokens tokens = MaskedTokens.unknown(TOKENS);
    onexgpt(Confidence.PROBABILITY).step(0, 0, new float[TOKENS * 4], tokens, TokenDraws.NONE);
    assertArrayEquals(new int[] {7}, known(tokens));
  }

  /** The confidence is the product over the factors; factor 0 is the lowest digit. */
  @Test
  void factorsMakeAnId() {
    float[] logits = new float[TOKENS * 4];
    // Token 1 is sure of one factor, token 2 a bit of both.
    logits[4 + 1] = 2;
    logits[8] = 1.5f;
    logits[8 + 3] = 1.5f;
    MaskedTokens tokens = MaskedTokens.unknown(TOKENS);
    onexgpt(Confidence.PROBABILITY).step(0, 0, logits, tokens, TokenDraws.NONE);
    assertArrayEquals(new int[] {2}, known(tokens));
    assertArrayEquals(new int[] {0, 1, 2, 0, 0, 0, 0, 0}, tokens.ids());
  }

  @Test
  void theHighestPrioritiesBecomeKnown() {
    TokenDraws draws =
        new TokenDraws() {
          @Override
          public void gumbel(Position at, int factor, float[] out) {
            throw new AssertionError("nothing is drawn at temperature 0");
          }

          @Override
          public float priority(Position at) {
            assertEquals(5, at.frame());
            return at.token() == 3 ? 0.9f : 0.1f * at.step();
          }
        };
    MaskedSampler sampler = onexgpt(Confidence.RANDOM);
    MaskedTokens tokens = MaskedTokens.unknown(TOKENS);
    sampler.step(5, 0, new float[TOKENS * 4], tokens, draws);
    assertArrayEquals(new int[] {3}, known(tokens));
    sampler.step(5, 1, new float[TOKENS * 4], tokens, draws);
    assertArrayEquals(new int[] {3, 6, 7}, known(tokens));
    sampler.step(5, 2, new float[TOKENS * 4], tokens, draws);
    assertEquals(TOKENS, known(tokens).length);
  }

  /** Shares of the drawn categories are their probabilities. */
  @Test
  void drawsFromTheSoftmax() {
    int count = 20000;
    double[] probabilities = {0.1, 0.2, 0.7};
    float[] logits = new float[count * 3];
    RampedCosineSchedule schedule = new RampedCosineSchedule(4, 1, true);
    for (int i = 0; i < logits.length; i++) {
      logits[i] = (float) Math.log(probabilities[i % 3]) * schedule.temperature(1);
    }
    MaskedTokens tokens = MaskedTokens.unknown(count);
    jafar(4, true, 3).step(2, 1, logits, tokens, TokenDraws.seeded(11));
    for (int category = 0; category < 3; category++) {
      int wanted = category;
      double share =
          Arrays.stream(tokens.ids()).filter(id -> id == wanted).count() / (double) count;
      double p = probabilities[category];
      assertEquals(p, share, 5 * Math.sqrt(p * (1 - p) / count));
    }
  }

  /** Every draw has its own place, and a place its own values. */
  @Test
  void drawsAreAddressed() {
    float[] base = gumbel(7, new Position(3, 2, 5), 1);
    assertArrayEquals(base, gumbel(7, new Position(3, 2, 5), 1));
    for (float[] other :
        new float[][] {
          gumbel(8, new Position(3, 2, 5), 1),
          gumbel(7, new Position(4, 2, 5), 1),
          gumbel(7, new Position(3, 3, 5), 1),
          gumbel(7, new Position(3, 2, 6), 1),
          gumbel(7, new Position(3, 2, 5), 0)
        }) {
      assertNotEquals(base[0], other[0]);
    }
    TokenDraws draws = TokenDraws.seeded(7);
    float priority = draws.priority(new Position(3, 2, 5));
    assertEquals(priority, draws.priority(new Position(3, 2, 5)));
    assertTrue(priority > 0 && priority < 1);
    assertNotEquals(priority, draws.priority(new Position(3, 2, 6)));
    assertNotEquals(priority, draws.priority(new Position(3, 1, 5)));
    assertNotEquals(priority, draws.priority(new Position(2, 2, 5)));
  }

  private static float[] gumbel(long seed, Position at, int factor) {
    float[] out = new float[4];
    TokenDraws.seeded(seed).gumbel(at, factor, out);
    return out;
  }

  /**
   * Saved sessions replay only while these bits stay as they are. They were computed by another
   * implementation.
   */
  @Test
  void theDrawsOfASeedArePinned() {
    assertArrayEquals(
        new float[] {0.7643492f, 0.78709686f, 0.26950917f, -0.5790766f},
        gumbel(42, new Position(1, 2, 3), 1));
    assertEquals(0.3041551f, TokenDraws.seeded(42).priority(new Position(1, 2, 3)));
  }

  @Test
  void refusesWhatDoesNotFit() {
    assertEquals(
        "steps: expected 1 to 65535, found 0",
        assertThrows(IllegalArgumentException.class, () -> jafar(0, false, 2)).getMessage());
    assertEquals(
        "factors: expected 1 to 254, and ids of 31 bits, found 4 of 512 categories",
        assertThrows(
                IllegalArgumentException.class,
                () -> new MaskedSampler(new CosineSchedule(1, false), Confidence.RANDOM, 4, 512))
            .getMessage());
    MaskedSampler sampler = jafar(4, false, 2);
    MaskedTokens tokens = MaskedTokens.unknown(2);
    assertEquals(
        "logits: expected 4 values for 2 tokens, found 3",
        assertThrows(
                IllegalArgumentException.class,
                () -> sampler.step(0, 0, new float[3], tokens, TokenDraws.NONE))
            .getMessage());
    assertEquals(
        "logits of token 1: expected numbers, found NaN",
        assertThrows(
                IllegalStateException.class,
                () -> sampler.step(0, 0, new float[] {0, 1, Float.NaN, 0}, tokens, TokenDraws.NONE))
            .getMessage());
    assertThrows(
        IndexOutOfBoundsException.class,
        () -> sampler.step(0, 4, new float[4], tokens, TokenDraws.NONE));
  }
}
