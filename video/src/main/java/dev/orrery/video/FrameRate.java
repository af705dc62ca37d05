package dev.orrery.video;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Frames per second as an exact fraction in lowest terms.
 *
 * @param frames that are shown in {@code seconds}
 * @param seconds whole seconds
 */
public record FrameRate(int frames, int seconds) {
  /** Fastest rate that is read from a text. */
  private static final int MAX = 120;

  /** Longest denominator: that of six decimals. */
  private static final int MAX_SECONDS = 1_000_000;

  private static final Pattern FRACTION = Pattern.compile("([0-9]{1,9})/([0-9]{1,9})");
  private static final Pattern DECIMAL = Pattern.compile("[0-9]{1,9}(?:\\.([0-9]{1,6}))?");

  /** What television slows down by 1000/1001; people write the result with two or three digits. */
  private static final List<Integer> SLOWED = List.of(24, 30, 48, 60, 96, 120);

  private static final BigDecimal SLOWED_SECONDS = new BigDecimal("1.001");

  /** Brings it into lowest terms. */
  public FrameRate {
    if (frames < 1 || seconds < 1) {
      throw new IllegalArgumentException(
          "expected a positive speed, found " + frames + " frames in " + seconds + " seconds");
    }
    int common = BigInteger.valueOf(frames).gcd(BigInteger.valueOf(seconds)).intValue();
    frames /= common;
    seconds /= common;
  }

  /** A whole number of frames per second. */
  public static FrameRate of(int framesPerSecond) {
    return new FrameRate(framesPerSecond, 1);
  }

  /**
   * Reads a rate: a whole number, a fraction such as {@code 30000/1001}, or a number with up to six
   * decimals. Decimals are exact, but for the rates of television, which cannot be written so:
   * {@code 23.976} is 24000/1001, {@code 29.97} is 30000/1001, and likewise for 48, 60, 96 and 120.
   *
   * @throws IllegalArgumentException saying what was expected, if the text is not a rate from 1 to
   *     120
   */
  public static FrameRate parse(String text) {
    BigInteger[] parts = fraction(text);
    BigInteger common = parts[0].gcd(parts[1]);
    boolean fits =
        parts[1].signum() > 0
            && parts[0].compareTo(parts[1]) >= 0
            && parts[0].compareTo(parts[1].multiply(BigInteger.valueOf(MAX))) <= 0
            && parts[1].divide(common).intValueExact() <= MAX_SECONDS;
    if (!fits) {
      throw refused(text);
    }
    return new FrameRate(
        parts[0].divide(common).intValueExact(), parts[1].divide(common).intValueExact());
  }

  private static BigInteger[] fraction(String text) {
    Matcher fraction = FRACTION.matcher(text);
    if (fraction.matches()) {
      return new BigInteger[] {
        new BigInteger(fraction.group(1)), new BigInteger(fraction.group(2))
      };
    }
    Matcher decimal = DECIMAL.matcher(text);
    if (!decimal.matches()) {
      throw refused(text);
    }
    BigDecimal value = new BigDecimal(text);
    if (value.scale() == 2 || value.scale() == 3) {
      for (int whole : SLOWED) {
        BigDecimal slowed =
            BigDecimal.valueOf(whole).divide(SLOWED_SECONDS, value.scale(), RoundingMode.HALF_UP);
        if (slowed.equals(value)) {
          return new BigInteger[] {BigInteger.valueOf(1000L * whole), BigInteger.valueOf(1001)};
        }
      }
    }
    return new BigInteger[] {value.unscaledValue(), BigInteger.TEN.pow(value.scale())};
  }

  private static IllegalArgumentException refused(String text) {
    return new IllegalArgumentException(
        "expected 1 to " + MAX + ", such as 25, 23.976 or 30000/1001, found " + text);
  }

  /** Hundredths of a second from the first frame to another one, to the nearest. */
  long hundredths(int frame) {
    long wanted = 100L * frame * seconds;
    return (2 * wanted + frames) / (2L * frames);
  }

  /** Whether more frames than this are shown in a second. */
  boolean isAbove(int framesPerSecond) {
    return frames > (long) framesPerSecond * seconds;
  }

  /** As {@link #parse} reads it: {@code 25} or {@code 24000/1001}. */
  @Override
  public String toString() {
    return seconds == 1 ? "" + frames : frames + "/" + seconds;
  }
}
