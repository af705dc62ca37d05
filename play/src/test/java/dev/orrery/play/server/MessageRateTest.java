package dev.orrery.play.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.orrery.play.server.MessageRate.Verdict;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MessageRateTest {
  private static final long SECOND = 1_000_000_000;

  private final MessageRate rate = new MessageRate();

  private Map<Verdict, Integer> send(int count, long from, long apart) {
    Map<Verdict, Integer> verdicts = new EnumMap<>(Verdict.class);
    for (int i = 0; i < count; i++) {
      verdicts.merge(rate.came(from + i * apart), 1, Integer::sum);
    }
    return verdicts;
  }

  @Test
  void aPageIsAnswered() {
    assertEquals(
        Map.of(Verdict.FINE, 10_000), send(10_000, -5 * SECOND, SECOND / Limits.MESSAGES + 1));
  }

  @Test
  void tooManyGetOneErrorInASecondAndTheNextSecondIsNew() {
    for (long second = 0; second < 3; second++) {
      assertEquals(
          Map.of(Verdict.FINE, Limits.MESSAGES, Verdict.FIRST_TOO_MANY, 1, Verdict.TOO_MANY, 100),
          send(Limits.MESSAGES + 101, second * SECOND, 1));
    }
  }

  @Test
  void farTooManyAreAFlood() {
    assertEquals(10_000 - Limits.FLOOD, send(10_000, 0, SECOND / 10_000).get(Verdict.FLOOD));
  }
}
