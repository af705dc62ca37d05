package dev.orrery.weights.synthesize;

import java.util.Locale;

/** How large a synthetic model is. */
public enum Scale {
  /** Some hundred kilobytes: for tests. */
  TINY,
  /** Some ten megabytes: plays on a laptop. */
  SMALL,
  /** The sizes of the released model. */
  RELEASED;

  /** Name in options and resources. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
