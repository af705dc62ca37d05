package dev.orrery.play;

import java.util.List;

/**
 * Says when the next block has to be begun: as late as playback allows, so that it is made with the
 * newest input. Learns from each block how long making takes. Where making is slower than showing,
 * playback takes the rate that is reached.
 */
final class BlockClock {
  /** Of a new measurement, as for round trips in TCP: short memory, but no jumps. */
  private static final double OF_MEAN = 1.0 / 8;

  private static final double OF_DEVIATION = 1.0 / 4;

  /** Deviations that are waited for, besides {@link #LEAST_MARGIN}. */
  private static final double DEVIATIONS = 3;

  /** For encoding and threads that wake late, in nanoseconds. */
  private static final double LEAST_MARGIN = 8e6;

  /**
   * No margin is greater, in nanoseconds: when a block takes far longer than those before, one late
   * frame is a lesser evil than many blocks that answer late.
   */
  private static final double GREATEST_MARGIN = 45e6;

  private final double framesPerSecond;
  private double making;
  private double lead;
  private double deviation;
  private boolean measured;

  /**
   * @param count frames that were handed over together
   * @param ready nanoseconds from the beginning of the block until then
   */
  record Piece(int count, long ready) {}

  /**
   * @param framesPerSecond rate at which frames are to be shown
   */
  BlockClock(double framesPerSecond) {
    this.framesPerSecond = framesPerSecond;
  }

  /**
   * A block was made.
   *
   * @param pieces in the order in which its frames were handed over, one at least
   * @param nanos from its beginning until the next one could begin
   */
  void made(List<Piece> pieces, long nanos) {
    int frames = pieces.stream().mapToInt(Piece::count).sum();
    double perFrame = (double) nanos / frames;
    making = measured ? making + OF_MEAN * (perFrame - making) : perFrame;
    // The piece that is tightest decides: those before it play while it is made.
    double needed = 0;
    int before = 0;
    for (Piece piece : pieces) {
      needed = Math.max(needed, piece.ready() - before * 1e9 / rate());
      before += piece.count();
    }
    if (measured) {
      deviation += OF_DEVIATION * (Math.abs(needed - lead) - deviation);
      lead += OF_MEAN * (needed - lead);
    } else {
      deviation = needed / 4;
      lead = needed;
    }
    measured = true;
  }

  /** Frames per second at which playback goes. */
  double rate() {
    return measured ? Math.min(framesPerSecond, 1e9 / making) : framesPerSecond;
  }

  /**
   * When the next block begins.
   *
   * @param played when playback has shown all frames that there are, as {@link System#nanoTime}
   */
  long next(long played) {
    double margin = Math.min(DEVIATIONS * deviation + LEAST_MARGIN, GREATEST_MARGIN);
    return played - (long) (lead + margin);
  }
}
