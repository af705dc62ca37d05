package dev.orrery.play;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BlockClockTest {
  private static final long MILLI = 1_000_000;

  /** Twelve frames in pieces of four, of which each takes a third of the time. */
  private static List<BlockClock.Piece> pieces(long nanos) {
    return List.of(
        new BlockClock.Piece(4, nanos / 3),
        new BlockClock.Piece(4, 2 * nanos / 3),
        new BlockClock.Piece(4, nanos));
  }

  @Test
  void theFirstBlockBeginsAtOnce() {
    BlockClock clock = new BlockClock(25);
    assertTrue(clock.next(1000 * MILLI) <= 1000 * MILLI);
    assertEquals(25, clock.rate());
  }

  @Test
  void aBlockBeginsAsLateAsItsFirstFrameAllows() {
    BlockClock clock = new BlockClock(25);
    for (int i = 0; i < 100; i++) {
      clock.made(pieces(120 * MILLI), 120 * MILLI);
    }
    // The first piece is ready after 40 ms; the later ones are hidden by those before them.
    long early = 1000 * MILLI - clock.next(1000 * MILLI);
    assertTrue(early >= 40 * MILLI && early < 60 * MILLI, early + " ns");
    assertEquals(25, clock.rate());
  }

  @Test
  void aLaterPieceThatIsTighterDecides() {
    BlockClock clock = new BlockClock(25);
    for (int i = 0; i < 100; i++) {
      clock.made(
          List.of(new BlockClock.Piece(1, 10 * MILLI), new BlockClock.Piece(4, 140 * MILLI)),
          150 * MILLI);
    }
    // One frame plays for 40 ms while the next are made for 140.
    long early = 1000 * MILLI - clock.next(1000 * MILLI);
    assertTrue(early >= 100 * MILLI && early < 120 * MILLI, early + " ns");
  }

  @Test
  void slowMakingTakesTheRateThatIsReached() {
    BlockClock clock = new BlockClock(25);
    for (int i = 0; i < 100; i++) {
      clock.made(pieces(2400 * MILLI), 2400 * MILLI);
    }
    assertEquals(5, clock.rate(), 1e-6);
  }

  @Test
  void oneSlowBlockDoesNotMakeManyAnswerLate() {
    BlockClock clock = new BlockClock(25);
    for (int i = 0; i < 100; i++) {
      clock.made(pieces(120 * MILLI), 120 * MILLI);
    }
    clock.made(pieces(1200 * MILLI), 1200 * MILLI);
    // Its last piece came 880 ms too late to begin at 40: an eighth of what it differs is learned.
    long early = 1000 * MILLI - clock.next(1000 * MILLI);
    assertEquals((40 + (880 - 40) / 8.0 + 45) * MILLI, early, MILLI);
  }

  @Test
  void playbackDoesNotRunDryWhenTimesVary() {
    BlockClock clock = new BlockClock(25);
    Random random = new Random(1);
    long now = 0;
    long played = 0;
    int dry = 0;
    for (int block = 0; block < 1000; block++) {
      now = Math.max(now, clock.next(played));
      long took = (long) ((100 + 15 * random.nextGaussian()) * MILLI);
      if (block > 20 && now + took / 3 > played) {
        dry++;
      }
      played = Math.max(played, now + took / 3) + 12 * 40 * MILLI;
      now += took;
      clock.made(pieces(took), took);
    }
    assertTrue(dry <= 2, dry + " of 1000 blocks came too late");
  }
}
